import type { JsonWebKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createGate, maxEventAgeMs, type GateOptions, type Judgement } from "../../src/relay/gate.ts";
import type { BlendedJwks } from "../../src/trust/blended-jwks.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startStandInKinde, type JwksMode, type StandInKinde } from "../helpers/stand-in-kinde.mjs";
import { craftToken } from "../kinde/craft-token.ts";
import { createTrust } from "./test-intake.ts";

const now = Date.UTC(2026, 0, 10, 12);
const event = {
  data: { user: {} },
  event_id: "event_1",
  timestamp: new Date(now).toISOString(),
  type: "user.created",
};
const privateJwk = inject("foreignPrivateJwk") as JsonWebKey;

let kinde: StandInKinde;
let trust: BlendedJwks;
beforeAll(async () => {
  kinde = await startStandInKinde({ privateJwk });
  trust = createTrust(kinde.issuer);
});
afterAll(() => kinde.stop());

async function judge(token: string | Buffer, options: Partial<GateOptions> = {}): Promise<Judgement> {
  const gate = createGate({ trust, now: () => now, isOldFine: false, isUnverifiedFine: false, ...options });
  return await gate(Buffer.from(token as string));
}

const signed = (claims: object = {}): string => kinde.signClaims({ ...event, ...claims });
const ours = (): string => craftToken({ claims: event, key: signingKey.privateKey });

describe("what is admitted", () => {
  test("is a webhook that the real issuer signed, with its event and its key", async () => {
    const token = signed({ source: "user" });
    expect(await judge(token)).toEqual({
      isAdmitted: true,
      token,
      event: { ...event, source: "user" },
      verification: { status: "verified", kid: kinde.kid, issuer: kinde.issuer },
    });
  });

  test("is a webhook that our own key signed, as ours", async () => {
    expect(await judge(ours())).toMatchObject({
      isAdmitted: true,
      verification: { status: "verified", kid: signingKey.kid, issuer: "http://localhost:4455" },
    });
  });

  test.each([
    ["just under 72 h old", -maxEventAgeMs + 1],
    ["72 h old", -maxEventAgeMs],
    ["of now", 0],
    ["ahead of our clock", 60 * 60 * 1000],
  ])("is an event %s", async (_, offset) => {
    const timestamp = new Date(now + offset).toISOString();
    expect(await judge(signed({ timestamp }))).toMatchObject({ isAdmitted: true });
  });

  test.each(["2024-07-09T02:29:08.242969+10:00", "2020-01-01T00:00:00Z", "no time at all"])(
    "is an event of %s, where old ones are fine",
    async (timestamp) => {
      expect(await judge(signed({ timestamp }), { isOldFine: true })).toMatchObject({
        isAdmitted: true,
        event: { timestamp },
      });
    },
  );
});

describe("what is refused", () => {
  test.each([
    ["no token", () => "hello", "ERR_NOT_A_JWT"],
    ["another algorithm", () => craftToken({ header: { alg: "none", kid: "k" } }), "ERR_WRONG_ALG"],
    ["an extension", () => kinde.signClaims(event, { header: { crit: ["x"] } }), "ERR_UNSUPPORTED_HEADER"],
    ["no key id", () => craftToken({ header: { alg: "RS256" } }), "ERR_MISSING_KID"],
    [
      "a key id that nobody has",
      () => kinde.signClaims(event, { header: { kid: "nobody" } }),
      "ERR_UNKNOWN_KID",
    ],
    [
      "another's signature",
      () => kinde.signClaims(event, { header: { kid: signingKey.kid } }),
      "ERR_BAD_SIGNATURE",
    ],
    ["an access token", () => kinde.accessToken(), "ERR_ACCESS_TOKEN"],
    ["no event", () => signed({ type: undefined }), "ERR_NOT_AN_EVENT"],
    [
      "an old event",
      () => signed({ timestamp: new Date(now - maxEventAgeMs - 1).toISOString() }),
      "ERR_EVENT_TOO_OLD",
    ],
    ["a time nobody can read", () => signed({ timestamp: "+11" }), "ERR_EVENT_TOO_OLD"],
  ])("is %s: 401", async (_, token, code) => {
    const judgement = await judge(token());
    expect(judgement).toMatchObject({ isAdmitted: false, code, status: 401 });
    expect(judgement).not.toHaveProperty("token");
  });

  test("says why in a sentence of bounded length, whatever the token holds", async () => {
    const long = "k".repeat(100_000);
    for (const header of [{ alg: long }, { alg: "RS256", kid: long }, { alg: [long] }]) {
      const judgement = await judge(craftToken({ header }));
      expect(judgement.isAdmitted || judgement.reason.length).toBeLessThan(400);
    }
  });
});

describe("without a real issuer", () => {
  test("what our own key signed is admitted", async () => {
    expect(await judge(ours(), { trust: createTrust() })).toMatchObject({ isAdmitted: true });
  });

  test("what another key signed is ERR_NO_ISSUER, 503: the sender is to try again", async () => {
    expect(await judge(signed(), { trust: createTrust() })).toMatchObject({
      isAdmitted: false,
      code: "ERR_NO_ISSUER",
      status: 503,
      reason: expect.stringContaining("--issuer"),
    });
  });

  test("what can't be anybody's webhook is 401 all the same", async () => {
    expect(await judge("hello", { trust: createTrust() })).toMatchObject({ status: 401 });
  });
});

describe("while the issuer's keys can't be had", () => {
  test.each<[JwksMode, string]>([
    ["error", "ERR_JWKS_UNREACHABLE"],
    ["never", "ERR_JWKS_UNREACHABLE"],
    ["html", "ERR_JWKS_INVALID"],
  ])("(it answers: %s) a webhook is 503, ours is admitted, and it recovers", async (mode, code) => {
    await using issuer = await startStandInKinde({ privateJwk });
    const time = { now };
    const own = createTrust(issuer.issuer, { now: () => time.now, timeoutMs: 200 });
    const token = issuer.signClaims(event);
    issuer.answerJwksWith(mode);
    expect(await judge(token, { trust: own })).toMatchObject({ isAdmitted: false, code, status: 503 });
    expect(await judge(ours(), { trust: own })).toMatchObject({ isAdmitted: true });
    issuer.answerJwksWith("jwks");
    // It is not asked again at once.
    expect(await judge(token, { trust: own })).toMatchObject({ status: 503 });
    time.now += 5_000;
    expect(await judge(token, { trust: own })).toMatchObject({ isAdmitted: true });
  });

  test("(nobody listens there) a webhook is 503", async () => {
    const issuer = await startStandInKinde({ privateJwk, port: await findFreePort() });
    const own = createTrust(issuer.issuer);
    const token = issuer.signClaims(event);
    await issuer.stop();
    expect(await judge(token, { trust: own })).toMatchObject({ code: "ERR_JWKS_UNREACHABLE", status: 503 });
  });

  test("a key that is at hand goes on to verify", async () => {
    await using issuer = await startStandInKinde({ privateJwk });
    const own = createTrust(issuer.issuer);
    expect(await judge(issuer.signClaims(event), { trust: own })).toMatchObject({ isAdmitted: true });
    issuer.answerJwksWith("error");
    expect(await judge(issuer.signClaims(event), { trust: own })).toMatchObject({ isAdmitted: true });
  });
});

describe("when the issuer's keys change", () => {
  test("the new one is admitted at once, the old one as long as it is listed", async () => {
    await using issuer = await startStandInKinde({ privateJwk });
    const time = { now };
    const own = createTrust(issuer.issuer, { now: () => time.now });
    const oldKid = issuer.kid;
    const old = issuer.signClaims(event);
    expect(await judge(old, { trust: own })).toMatchObject({ isAdmitted: true });
    time.now += 5_000;
    const newKid = await issuer.rotate();
    expect(await judge(issuer.signClaims(event), { trust: own })).toMatchObject({
      verification: { kid: newKid },
    });
    expect(await judge(old, { trust: own })).toMatchObject({ isAdmitted: true });
    issuer.retire(oldKid);
    time.now += 60 * 60 * 1000;
    expect(await judge(old, { trust: own })).toMatchObject({ code: "ERR_UNKNOWN_KID", status: 401 });
  });

  test("made-up key ids ask the issuer every few seconds at most", async () => {
    await using issuer = await startStandInKinde({ privateJwk });
    const own = createTrust(issuer.issuer, { now: () => now });
    for (let count = 0; count < 20; count++) {
      await judge(issuer.signClaims(event, { header: { kid: `made-up-${count}` } }), { trust: own });
    }
    expect(issuer.requests).toHaveLength(1);
  });
});

describe("where what does not verify is fine", () => {
  const open = { isUnverifiedFine: true };

  test("an event that nobody signed is admitted, with the reason", async () => {
    const token = craftToken({ header: { alg: "none" }, claims: event });
    expect(await judge(token, open)).toEqual({
      isAdmitted: true,
      token,
      event,
      verification: { status: "unverified", reason: "ERR_WRONG_ALG" },
    });
  });

  test.each([
    ["no token", () => '{"type":"user.created"}'],
    ["nothing", () => ""],
    ["a token without an event", () => kinde.accessToken()],
  ])("%s is admitted, and is no event", async (_, body) => {
    const token = body();
    expect(await judge(token, open)).toMatchObject({ isAdmitted: true, token, event: null });
  });

  test("what verifies is verified all the same", async () => {
    expect(await judge(signed(), open)).toMatchObject({ verification: { status: "verified" } });
  });
});
