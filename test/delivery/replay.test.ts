import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createReplay, type Replay, type ReplayEdits } from "../../src/delivery/replay.ts";
import { createEvent } from "../../src/kinde/events.ts";
import type { JsonObject } from "../../src/kinde/json.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import type { OverrideWarning } from "../../src/kinde/overrides.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import type { SigningKey } from "../../src/kinde/signing-key.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { sampleDelivery } from "./sample-delivery.ts";

const issuer = "http://localhost:4455";
const now = Date.UTC(2026, 0, 10, 12);

describe("without edits", () => {
  test("the token is the one that was recorded, and the webhook-id a new one", async () => {
    const recorded = await record();
    const { order, changes } = await replay(recorded);
    expect(changes).toEqual([]);
    expect(order).toMatchObject({
      direction: "replayed",
      endpoint: recorded.endpoint,
      token: recorded.token,
      verification: recorded.verification,
      event: { type: "user.created", event_id: recorded.event?.id },
    });
    expect(order.webhookId).toMatch(/^[0-9a-f]{32}$/);
    expect(order.webhookId).not.toBe(recorded.webhookId);
  });

  test("another endpoint or the same webhook-id changes no byte of it", async () => {
    const recorded = await record();
    const to = "http://127.0.0.1:9/elsewhere";
    const { order, changes } = await replay(recorded, { to, isSameId: true });
    expect(changes).toEqual([]);
    expect(order).toMatchObject({ endpoint: to, token: recorded.token, webhookId: recorded.webhookId });
  });

  test("what is no token and no event goes out as it came, and its fault with it", async () => {
    const recorded = sampleDelivery({
      token: "anything",
      event: null,
      fault: "json-body",
      verification: { status: "unverified", reason: "ERR_NOT_A_JWT" },
    });
    const { order } = await replay(recorded);
    expect(order).toMatchObject({ token: "anything", event: null, fault: "json-body" });
    expect(order.verification).toEqual(recorded.verification);
  });
});

describe("edits", () => {
  test.each<[name: string, edits: ReplayEdits, changes: string[]]>([
    ["a value that is set", { set: [["user.email", "ada@example.com"]] }, ["set user.email"]],
    ["values by an object", { set: { "user.email": "ada@example.com" } }, ["set user.email"]],
    ["a value that is removed", { unset: ["user.email"] }, ["unset user.email"]],
    ["a new event", { isFresh: true }, ["fresh"]],
    ["other claims", { claims: createClaims() }, ["claims"]],
    [
      "several",
      { isFresh: true, set: [["user.email", null]], unset: ["user.phone"] },
      ["fresh", "set user.email", "unset user.phone"],
    ],
  ])("of %s are told, and signed with the key that signs now", async (_, edits, changes) => {
    // Recorded under another key, as what came from Kinde.
    const recorded = await record(foreignKey);
    const replayed = await replay(recorded, edits);
    expect(replayed.changes).toEqual(changes);
    const { token, verification } = replayed.order;
    expect(verification).toEqual({ status: "verified", kid: signingKey.kid, issuer });
    expect(await verifyToken(token, createLocalJwks(issuer, { keys: [signingKey.publicJwk] }))).toMatchObject(
      { status: "verified" },
    );
  });

  test("change what they name, and leave the rest", async () => {
    const recorded = await record();
    const { order } = await replay(recorded, { set: { "user.email": "ada@example.com" }, unset: ["source"] });
    const expected = structuredClone(claimsOf(recorded)!) as { source?: string; data: { user: JsonObject } };
    expected.data.user["email"] = "ada@example.com";
    delete expected.source;
    expect(claimsOf(order)).toEqual(expected);
  });

  test("that make it fresh give another event id and the time of now", async () => {
    const recorded = await record();
    const { order } = await replay(recorded, { isFresh: true });
    const claims = claimsOf(order)!;
    expect(claims["event_id"]).not.toBe(recorded.event?.id);
    expect(claims["timestamp"]).toBe(new Date(now).toISOString());
    expect(order.event).toMatchObject({ event_id: claims["event_id"], timestamp: claims["timestamp"] });
  });

  test("of the claims come before those of values", async () => {
    const { order } = await replay(await record(), {
      claims: { ...createClaims(), type: "user.updated" },
      set: { "user.email": "ada@example.com" },
    });
    expect(order.event?.type).toBe("user.updated");
    expect(claimsOf(order)).toMatchObject({ data: { user: { email: "ada@example.com" } } });
  });

  test("mend what was damaged: no fault is left", async () => {
    const recorded = { ...(await record()), fault: "bad-signature" as const };
    expect((await replay(recorded, { isFresh: true })).order.fault).toBeUndefined();
  });

  test("do not reach into what the caller holds", async () => {
    const claims = createClaims();
    const before = structuredClone(claims);
    await replay(await record(), { claims, set: { "user.email": "ada@example.com" } });
    expect(claims).toEqual(before);
  });

  test("at a path that the event does not have are applied, with a warning that names the nearest", async () => {
    const warnings: OverrideWarning[] = [];
    const { order } = await replay(await record(), { set: { "user.emial": "x" } }, warnings);
    expect(claimsOf(order)).toMatchObject({ data: { user: { emial: "x" } } });
    expect(warnings).toMatchObject([
      { code: "WARN_UNKNOWN_PATH", path: "user.emial", closest: "user.email" },
    ]);
    expect(warnings[0]?.message).toContain("the event has no");
  });
});

describe("refused are", () => {
  const deep: JsonObject = {};
  let level = deep;
  for (let depth = 0; depth < 100; depth++) level = level["a"] = {};

  test.each<[name: string, members: Partial<Delivery>, edits: object, code: string]>([
    ["a redacted delivery", { isRedacted: true, token: "" }, {}, "ERR_REDACTED"],
    ["edits of a redacted delivery", { isRedacted: true, token: "" }, { isFresh: true }, "ERR_REDACTED"],
    ["a new event with the same webhook-id", {}, { isFresh: true, isSameId: true }, "ERR_INVALID_OPTION"],
    [
      "the same webhook-id where there was none",
      { webhookId: null },
      { isSameId: true },
      "ERR_INVALID_OPTION",
    ],
    ["edits of what is no token", { token: "anything" }, { isFresh: true }, "ERR_INVALID_OPTION"],
    ["an endpoint that is no URL", { endpoint: "nowhere" }, {}, "ERR_INVALID_OPTION"],
    ["a URL of another scheme", {}, { to: "file:///etc/hosts" }, "ERR_INVALID_OPTION"],
    ["claims that are text", {}, { claims: "text" }, "ERR_INVALID_OPTION"],
    ["claims that are an array", {}, { claims: [createClaims()] }, "ERR_INVALID_OPTION"],
    ["claims that are null", {}, { claims: null }, "ERR_INVALID_OPTION"],
    ["claims that are no event", {}, { claims: { type: "user.created" } }, "ERR_NOT_AN_EVENT"],
    ["claims of a hundred levels", {}, { claims: { ...createClaims(), data: deep } }, "ERR_INVALID_PATH"],
    ["data that is no object", {}, { set: { data: 5 } }, "ERR_NOT_AN_EVENT"],
    ["an event without a type", {}, { unset: ["type"] }, "ERR_NOT_AN_EVENT"],
    ["a path with an empty part", {}, { set: { "user..email": 1 } }, "ERR_INVALID_PATH"],
    ["a path into what has no parts", {}, { set: { "user.email.domain": 1 } }, "ERR_INVALID_PATH"],
    ["a key that reaches into prototypes", {}, { unset: ["user.__proto__"] }, "ERR_INVALID_PATH"],
  ])("%s", async (_, members, edits, code) => {
    const recorded = { ...(await record()), ...members };
    await expect(replay(recorded, edits)).rejects.toMatchObject({ code });
  });

  test("a redacted delivery, with the command that makes one like it", async () => {
    const recorded = { ...(await record()), isRedacted: true as const, token: "" };
    await expect(replay(recorded)).rejects.toThrow("`npx kinde-devhook emit user.created`");
  });
});

async function replay(
  recorded: Delivery,
  edits: ReplayEdits = {},
  warnings: OverrideWarning[] = [],
): Promise<Replay> {
  return await createReplay(recorded, edits, {
    now,
    randomBytes,
    signingKey,
    issuer,
    onWarning: (warning) => warnings.push(warning),
  });
}

function createClaims(): JsonObject {
  return createEvent("user.created", {}, { now: now - 60_000, randomBytes }) as unknown as JsonObject;
}

/** A delivered event, as the history has it. */
async function record(key: SigningKey = signingKey): Promise<Delivery> {
  const event = createEvent("user.created", {}, { now: now - 60_000, randomBytes });
  return sampleDelivery({
    event: { type: event.type, id: event.event_id, source: event.source, timestamp: event.timestamp },
    token: await signEvent(event, key),
    verification: { status: "verified", kid: key.kid, issuer },
    state: "delivered",
  });
}
