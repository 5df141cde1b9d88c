import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  replayDelivery,
  type ReplayDeliveryOptions,
  type ReplayedDelivery,
  type ReplayWarning,
} from "../../src/app/replay-delivery.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { ReplayEdits } from "../../src/delivery/replay.ts";
import { createEvent } from "../../src/kinde/events.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import type { SigningKey } from "../../src/kinde/signing-key.ts";
import { createBlendedJwks } from "../../src/trust/blended-jwks.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";

const issuer = "http://localhost:4455";

test("sends the bytes that were recorded, under a new webhook-id", async () => {
  await using app = await startReceiver();
  const recorded = await record(app.url);
  const states: string[] = [];
  const { delivery, changes } = await replay(recorded, {}, { onChange: ({ state }) => states.push(state) });
  const request = await app.next();
  expect(request.body.toString()).toBe(recorded.token);
  expect(request.headers["webhook-id"]).toBe(delivery.webhookId);
  expect(delivery.webhookId).not.toBe(recorded.webhookId);
  expect(delivery.id).not.toBe(recorded.id);
  expect(delivery).toMatchObject({ direction: "replayed", state: "delivered", attempts: [{ status: 200 }] });
  expect(changes).toEqual([]);
  expect(states).toEqual(["pending", "delivered"]);
});

test("sends under the same webhook-id when it is asked to", async () => {
  await using app = await startReceiver();
  const recorded = await record(app.url);
  await replay(recorded, { isSameId: true });
  expect((await app.next()).headers["webhook-id"]).toBe(recorded.webhookId);
});

test.each<[name: string, answer: Answer, options: Partial<ReplayDeliveryOptions>, ended: object]>([
  ["refuses", 500, {}, { state: "failed", failedReason: "not_delivered" }],
  ["answers another 2xx", 204, {}, { state: "failed", failedReason: "not_delivered" }],
  ["answers as expected", 204, { expectedStatus: 204 }, { state: "delivered", failedReason: null }],
  [
    "takes too long",
    () => {},
    { timeoutMs: 100 },
    { failedReason: "not_delivered", attempts: [{ status: null }] },
  ],
])("makes one attempt when the app %s", async (_, answer, options, ended) => {
  await using app = await startReceiver({ answers: [answer] });
  const { delivery } = await replay(await record(app.url), {}, options);
  expect(delivery).toMatchObject({ ...ended, nextAttemptAt: null });
  expect(app.requests).toHaveLength(1);
});

test("ends as called off when it is cut off", async () => {
  const cutOff = new AbortController();
  await using app = await startReceiver({ answers: [() => cutOff.abort()] });
  const { delivery } = await replay(await record(app.url), {}, { signal: cutOff.signal });
  expect(delivery).toMatchObject({ state: "failed", failedReason: "cancelled" });
});

test("sends what was no text as the bytes that came", async () => {
  await using app = await startReceiver();
  const bytes = Buffer.from([0x7b, 0xff, 0x80, 0x00, 0xc3, 0xa9]);
  const recorded: Delivery = {
    ...(await record(app.url)),
    token: bytes.toString("latin1"),
    event: null,
    verification: { status: "unverified", reason: "ERR_NOT_A_JWT" },
  };
  await replay(recorded);
  expect((await app.next()).body).toEqual(bytes);
});

test("sends the whole after a body that is cut on purpose, and judges that", async () => {
  await using app = await startReceiver();
  const { delivery } = await replay({ ...(await record(app.url)), fault: "cut-body" });
  expect(delivery).toMatchObject({ state: "delivered", verdict: "pass", fault: "cut-body" });
  expect(delivery.attempts.map(({ status }) => status)).toEqual([null, 200]);
});

test("judges a fault by the answer that it should get", async () => {
  await using app = await startReceiver({ answers: [400] });
  const recorded: Delivery = {
    ...(await record(app.url)),
    fault: "bad-signature",
    verification: { status: "unverified", reason: "ERR_BAD_SIGNATURE" },
  };
  expect((await replay(recorded)).delivery).toMatchObject({ state: "failed", verdict: "pass" });
});

describe("a token that verified when it was recorded", () => {
  test("and does not any more is not sent", async () => {
    await using app = await startReceiver();
    const recorded = await record(app.url, foreignKey);
    const replaying = replay(recorded);
    await expect(replaying).rejects.toMatchObject({ code: "ERR_REPLAY_NOT_VERIFIED", id: recorded.id });
    await expect(replaying).rejects.toThrow("--fresh");
    expect(app.requests).toEqual([]);
  });

  test("and was changed in the history is not sent", async () => {
    await using app = await startReceiver();
    const recorded = await record(app.url);
    const token = recorded.token.replace(/\.[^.]{4}/, ".AAAA");
    await expect(replay({ ...recorded, token })).rejects.toMatchObject({ code: "ERR_REPLAY_NOT_VERIFIED" });
    expect(app.requests).toEqual([]);
  });

  test("and does not any more is signed anew when it is edited", async () => {
    await using app = await startReceiver();
    const { delivery } = await replay(await record(app.url, foreignKey), { isFresh: true });
    expect(delivery).toMatchObject({ state: "delivered", verification: { kid: signingKey.kid, issuer } });
  });

  test("by a key that was rotated since is sent as it was", async () => {
    await using app = await startReceiver();
    const keys = createSigningKeys(signingKey);
    keys.rotateTo(foreignKey);
    const recorded = await record(app.url);
    const { delivery } = await replay(
      recorded,
      {},
      { signingKeys: keys, keys: createLocalJwks(issuer, keys.jwks()) },
    );
    expect(delivery).toMatchObject({ state: "delivered", token: recorded.token });
  });
});

describe("a token of Kinde's", () => {
  test("is sent as it was, and whose key it is stands in the delivery", async () => {
    await using kinde = await startStandInKinde();
    await using app = await startReceiver();
    const recorded = await relay(kinde.signWebhook("user.created"), kinde, app.url);
    const { delivery } = await replay(recorded, {}, { keys: blend(kinde.issuer) });
    expect((await app.next()).body.toString()).toBe(recorded.token);
    expect(delivery.verification).toEqual({ status: "verified", kid: kinde.kid, issuer: kinde.issuer });
  });

  test("is not sent when Kinde has retired its key", async () => {
    await using kinde = await startStandInKinde();
    await using app = await startReceiver();
    const recorded = await relay(kinde.signWebhook("user.created"), kinde, app.url);
    const { kid } = kinde;
    await kinde.rotate();
    kinde.retire(kid);
    await expect(replay(recorded, {}, { keys: blend(kinde.issuer) })).rejects.toMatchObject({
      code: "ERR_REPLAY_NOT_VERIFIED",
    });
    expect(app.requests).toEqual([]);
  });

  test.each<
    [name: string, realIssuer: () => Promise<string | undefined>, recordedIssuer: string, said: string]
  >([
    [
      "can't be had",
      async () => `http://localhost:${await findFreePort()}`,
      "http://localhost:1",
      "Failed to fetch the JWKS",
    ],
    [
      "are not asked here",
      () => Promise.resolve(undefined),
      "https://acme.kinde.com",
      "https://acme.kinde.com",
    ],
  ])("is sent with a warning when the keys of Kinde %s", async (_, realIssuer, recordedIssuer, said) => {
    await using app = await startReceiver();
    const recorded: Delivery = {
      ...(await record(app.url, foreignKey)),
      verification: { status: "verified", kid: foreignKey.kid, issuer: recordedIssuer },
    };
    const warnings: ReplayWarning[] = [];
    const { delivery } = await replay(
      recorded,
      {},
      {
        keys: blend(await realIssuer()),
        onWarning: (warning) => warnings.push(warning),
      },
    );
    expect(delivery).toMatchObject({ state: "delivered", verification: recorded.verification });
    expect(warnings).toMatchObject([{ code: "WARN_REPLAY_UNTRIED" }]);
    expect(warnings[0]?.message).toContain(said);
  });
});

test("a redacted delivery is not sent", async () => {
  await using app = await startReceiver();
  const recorded: Delivery = { ...(await record(app.url)), isRedacted: true, token: "" };
  await expect(replay(recorded)).rejects.toMatchObject({ code: "ERR_REDACTED" });
  expect(app.requests).toEqual([]);
});

async function replay(
  recorded: Delivery,
  edits: ReplayEdits = {},
  options: Partial<ReplayDeliveryOptions> = {},
): Promise<ReplayedDelivery> {
  return await replayDelivery(recorded, edits, {
    signingKeys,
    keys: blend(undefined),
    issuer,
    clock: systemClock,
    randomBytes,
    signal: new AbortController().signal,
    ...options,
  });
}

function blend(realIssuer: string | undefined): ReplayDeliveryOptions["keys"] {
  return createBlendedJwks({
    localIssuer: issuer,
    localKeys: signingKeys.jwks,
    remote: realIssuer === undefined ? undefined : createRemoteJwks(realIssuer),
  });
}

async function relay(
  token: string,
  { kid, issuer: from }: { readonly kid: string; readonly issuer: string },
  endpoint: string,
): Promise<Delivery> {
  const verification = { status: "verified", kid, issuer: from } as const;
  return { ...(await record(endpoint)), direction: "relayed", token, verification };
}

async function record(endpoint: string, key: SigningKey = signingKey): Promise<Delivery> {
  const event = createEvent("user.created", {}, { now: Date.now(), randomBytes });
  return sampleDelivery({
    endpoint,
    event: { type: event.type, id: event.event_id, source: event.source, timestamp: event.timestamp },
    token: await signEvent(event, key),
    verification: { status: "verified", kid: key.kid, issuer },
    state: "delivered",
  });
}
