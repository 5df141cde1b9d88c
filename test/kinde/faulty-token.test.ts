import { createHmac, createPublicKey, randomBytes } from "node:crypto";
import { compactVerify, type CompactJWSHeaderParameters } from "jose";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { faultNames, type FaultName } from "../../src/kinde/faults.ts";
import type { EventClaims } from "../../src/kinde/faulty-events.ts";
import { signFaultyEvent } from "../../src/kinde/faulty-token.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { decodePart } from "./craft-token.ts";

const event = createEvent("user.created", {}, { now: Date.UTC(2026, 7, 1), randomBytes });
const genuine = await signEvent(event, signingKey);
const [header = "", claims = "", signature = ""] = genuine.split(".");
const { kid } = signingKey;

const tokenFaults: readonly FaultName[] = [
  "tampered-claims",
  "bad-signature",
  "unknown-kid",
  "foreign-key",
  "alg-none",
  "hs256-public-key",
  "missing-kid",
  "truncated-token",
];

test.each(faultNames.filter((name) => !tokenFaults.includes(name)))(
  "%s leaves the token as it is",
  async (fault) => {
    expect(await sign(fault)).toBe(genuine);
  },
);

test.each(tokenFaults.filter((name) => !["unknown-kid", "foreign-key"].includes(name)))(
  "%s asks for no other key",
  async (fault) => {
    const keys = { signingKey, foreignKey: () => Promise.reject(new Error("asked")) };
    await expect(signFaultyEvent(fault, event as unknown as EventClaims, keys)).resolves.not.toBe(genuine);
  },
);

test("tampered-claims changes the data of every event type, and nothing else", async () => {
  for (const type of eventTypes) {
    const one = createEvent(type, {}, { now: 0, randomBytes });
    const untouched = (await signEvent(one, signingKey)).split(".");
    const tampered = (await sign("tampered-claims", one as unknown as EventClaims)).split(".");
    expect([tampered[0], tampered[2]]).toEqual([untouched[0], untouched[2]]);
    const changed = JSON.parse(decodePart(tampered.join("."), 1)) as EventClaims;
    expect({ ...changed, data: one.data }).toEqual(one);
    expect(changed.data).not.toEqual(one.data);
    expect(JSON.stringify(changed.data).replace("tampered-", "")).toBe(JSON.stringify(one.data));
  }
});

test("tampered-claims changes data that has no text in it", async () => {
  const bare = { ...event, data: { count: 1, list: [null, []] } } as unknown as EventClaims;
  expect(JSON.parse(decodePart(await sign("tampered-claims", bare), 1))).toHaveProperty("data", {
    ...bare.data,
    tampered: true,
  });
});

test("bad-signature differs in one bit, and is written as a signature is", async () => {
  const [spoiltHeader, spoiltClaims, spoilt = ""] = (await sign("bad-signature")).split(".");
  expect([spoiltHeader, spoiltClaims]).toEqual([header, claims]);
  const [wrong, right] = [Buffer.from(spoilt, "base64url"), Buffer.from(signature, "base64url")];
  expect(wrong.toString("base64url")).toBe(spoilt);
  expect(wrong).toHaveLength(right.length);
  const bits = wrong.reduce(
    (sum, byte, index) => sum + (byte ^ right[index]!).toString(2).replaceAll("0", "").length,
    0,
  );
  expect(bits).toBe(1);
});

describe("a token of another key", () => {
  test.each([
    ["unknown-kid", foreignKey.kid],
    ["foreign-key", kid],
  ] as const)("is, as %s, well signed by it", async (fault, named) => {
    const token = await sign(fault);
    const { protectedHeader } = await compactVerify(token, createPublicKey(foreignKey.privateKey));
    expect(protectedHeader).toEqual({ alg: "RS256", kid: named, typ: "JWT" });
    expect(token.split(".")[1]).toBe(claims);
  });
});

test("alg-none has the header of Kinde but for alg, and an empty signature", async () => {
  const token = await sign("alg-none");
  expect(decodePart(token, 0)).toBe(JSON.stringify({ alg: "none", kid, typ: "JWT" }));
  expect(token.split(".").slice(1)).toEqual([claims, ""]);
});

test("hs256-public-key verifies with the public PEM as its secret", async () => {
  const token = await sign("hs256-public-key");
  expect(decodePart(token, 0)).toBe(JSON.stringify({ alg: "HS256", kid, typ: "JWT" }));
  const pem = createPublicKey(signingKey.privateKey).export({ type: "spki", format: "pem" });
  const [input, mac] = [token.slice(0, token.lastIndexOf(".")), token.split(".")[2]];
  expect(mac).toBe(createHmac("sha256", pem).update(input).digest("base64url"));
});

test("missing-kid is well signed by the right key, and names none", async () => {
  const { protectedHeader } = await compactVerify(
    await sign("missing-kid"),
    createPublicKey(signingKey.privateKey),
  );
  expect(protectedHeader).toEqual<CompactJWSHeaderParameters>({ alg: "RS256", typ: "JWT" });
});

test("truncated-token is the beginning of the token, and ends in its claims", async () => {
  const cut = (await sign("truncated-token")).split(".");
  expect(cut).toHaveLength(2);
  expect(cut[0]).toBe(header);
  expect(claims.startsWith(cut[1]!)).toBe(true);
  expect(cut[1]!.length).toBeGreaterThan(0);
  expect(cut[1]!.length).toBeLessThan(claims.length);
});

async function sign(fault: FaultName, of: EventClaims = event as unknown as EventClaims): Promise<string> {
  return await signFaultyEvent(fault, of, { signingKey, foreignKey: () => Promise.resolve(foreignKey) });
}
