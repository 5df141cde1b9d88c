import { createPublicKey, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createEvent, type KindeEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { stringifySorted, type JsonValue } from "../../src/kinde/json.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { decodePart } from "./craft-token.ts";

const origin = { now: Date.UTC(2026, 7, 1), randomBytes: (size: number) => new Uint8Array(size) };
const event = createEvent("user.deleted", {}, origin);

test("the header is alg, kid, typ, in that order and nothing more", async () => {
  const token = await signEvent(event, signingKey);
  expect(decodePart(token, 0)).toBe(`{"alg":"RS256","kid":"${signingKey.kid}","typ":"JWT"}`);
});

test("the claims are the event, keys in alphabetical order at every level, no white space", async () => {
  const token = await signEvent(event, signingKey);
  expect(decodePart(token, 1)).toBe(
    '{"data":{"user":{"id":"kp_65b28d71bba14fa380d56d2d8d3503da"}},' +
      '"event_id":"event_019fba9ed80000000000000000000000",' +
      '"event_timestamp":"2026-08-01T00:00:00.000Z","source":"api",' +
      '"timestamp":"2026-08-01T00:00:00.000Z","type":"user.deleted"}',
  );
});

test("the order in which an event's keys were made does not show", async () => {
  const reversed = Object.fromEntries(Object.entries(event).toReversed()) as unknown as KindeEvent;
  expect(await signEvent(reversed, signingKey)).toBe(await signEvent(event, signingKey));
});

test("the user's own integer-like keys are sorted as text like all others", async () => {
  const data = { user: { 10: "x", 9: "y" } } as { user: object };
  const token = await signEvent(createEvent("user.deleted", { data }, origin), signingKey);
  expect(decodePart(token, 1)).toContain('"user":{"10":"x","9":"y","id":');
});

describe.each(eventTypes)("%s", (type) => {
  test("is signed with RS256 over header and claims", async () => {
    const made = createEvent(type, {}, origin);
    const token = await signEvent(made, signingKey);
    const [header = "", claims = "", signature = ""] = token.split(".");
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(decodePart(token, 1)).toBe(stringifySorted(made as unknown as JsonValue));
    const input = Buffer.from(`${header}.${claims}`);
    const publicKey = createPublicKey({ key: { ...signingKey.publicJwk }, format: "jwk" });
    expect(verify("sha256", input, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  });
});

test("names outside ASCII are UTF-8", async () => {
  const data = { user: { first_name: "Zoë", last_name: "李 🚀" } };
  const token = await signEvent(createEvent("user.created", { data }, origin), signingKey);
  expect(JSON.parse(decodePart(token, 1))).toMatchObject({ data });
});

test("one event and one key make one token, however many are signed at once", async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, () => signEvent(event, signingKey)));
  expect(new Set(tokens)).toHaveLength(1);
  expect(await signEvent(event, foreignKey)).not.toBe(tokens[0]);
});
