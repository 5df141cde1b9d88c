/** The library's functions beside the mock, called with what they can't take. */
import { describe, expect, test } from "vitest";
import {
  createEvent as createTypedEvent,
  createLocalJwks,
  createRemoteJwks as createTypedRemoteJwks,
  eventFixture as typedEventFixture,
  exportPrivateJwk,
  importSigningKey,
  isEventOfType as isTypedEventOfType,
  signEvent as signTypedEvent,
  verifyToken as verifyTypedToken,
} from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { circle, refusalOf, refused, type Row, type Untyped } from "./refusal.ts";

const createEvent = createTypedEvent as Untyped<object>;
const eventFixture = typedEventFixture as Untyped<object>;
const signEvent = signTypedEvent as Untyped<Promise<string>>;
const verifyToken = verifyTypedToken as Untyped<Promise<object>>;
const isEventOfType = isTypedEventOfType as Untyped<boolean>;
const createRemoteJwks = createTypedRemoteJwks as Untyped<object>;
const createUntypedJwks = createLocalJwks as Untyped<object>;
const exportUntyped = exportPrivateJwk as Untyped<object>;

const event = createTypedEvent("user.created");
const jwks = createLocalJwks("http://localhost", { keys: [signingKey.publicJwk] });
const token = await signTypedEvent(event, signingKey);

describe("createEvent refuses", () => {
  const rows: readonly Row[] = [
    ["type of createEvent", "nothing", "one event type", []],
    ["options of createEvent", "null", "an object", ["user.created", null]],
    ["options of createEvent", '"sets". Did you mean "set"?', "data, set", ["user.created", { sets: {} }]],
    ["data of createEvent", "1", "an object", ["user.created", { data: 1 }]],
    ["source of createEvent", '"me"', "admin, api, user", ["user.created", { source: "me" }]],
    ["onWarning of createEvent", "true", "a function", ["user.created", { onWarning: true }]],
    ["options of createEvent's origin", "0", "an object", ["user.created", {}, 0]],
    ["options of createEvent's origin", '"time"', "now, randomSeed", ["user.created", {}, { time: 0 }]],
    ["now of createEvent", '"today"', "a Date, or epoch", ["user.created", {}, { now: "today" }]],
    ["randomSeed of createEvent", "{}", "text or a number", ["user.created", {}, { randomSeed: {} }]],
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given) => {
    expect(await refusalOf(createEvent, given)).toMatchObject(refused(names, got, expected));
  });
});

describe("the functions beside the mock refuse", () => {
  const remote = (options: unknown): readonly unknown[] => ["http://localhost:1", options];
  const rows: readonly (readonly [...Row, call: Untyped<unknown>])[] = [
    ["event of signEvent", "nothing", "an event of createEvent", [], signEvent],
    ["event of signEvent", '"user.created"', "an event", ["user.created", signingKey], signEvent],
    ["event of signEvent", "{ id: 1n }", "an event", [{ id: 1n }, signingKey], signEvent],
    ["event of signEvent", "<ref *1>", "an event", [circle(), signingKey], signEvent],
    ["key of signEvent", "nothing", "a key of createSigningKey", [event], signEvent],
    ["key of signEvent", "an object", "a key of", [event, exportPrivateJwk(signingKey)], signEvent],
    ["keys of verifyToken", "nothing", "what createLocalJwks", [token], verifyToken],
    ["keys of verifyToken", "{ keys: [] }", "what createLocalJwks", [token, { keys: [] }], verifyToken],
    ["options of verifyToken", "null", "an object", [token, jwks, null], verifyToken],
    ["options of verifyToken", '"maxage"', "maxAgeMs", [token, jwks, { maxage: 1 }], verifyToken],
    ["maxAgeMs of verifyToken", '"5m"', "milliseconds", [token, jwks, { maxAgeMs: "5m" }], verifyToken],
    ["maxAgeMs of verifyToken", "-5", "0 or more", [token, jwks, { maxAgeMs: -5 }], verifyToken],
    ["now of verifyToken", '"today"', "a Date, or epoch", [token, jwks, { now: "today" }], verifyToken],
    ["event type", "nothing", "an event type", [], eventFixture],
    ["type of isEventOfType", "nothing", "an event type", [event], isEventOfType],
    ["key of exportPrivateJwk", "a number", "a key of createSigningKey", [5], exportUntyped],
    ["issuer of createLocalJwks", "nothing", "a URL", [], createUntypedJwks],
    ["issuer", "5", "an issuer, as in https://acme.kinde.com", [5], createRemoteJwks],
    ["options of createRemoteJwks", "null", "an object", remote(null), createRemoteJwks],
    ["options of createRemoteJwks", '"timeout"', "timeoutMs", remote({ timeout: 5 }), createRemoteJwks],
    ["timeoutMs of createRemoteJwks", '"x"', "milliseconds", remote({ timeoutMs: "x" }), createRemoteJwks],
    ["signal of createRemoteJwks", "{}", "an AbortSignal", remote({ signal: {} }), createRemoteJwks],
    ["now of createRemoteJwks", "0", "a function", remote({ now: 0 }), createRemoteJwks],
  ];
  test.each(rows)("%s: %s", async (names, got, expected, given, call) => {
    expect(await refusalOf(call, given)).toMatchObject(refused(names, got, expected));
  });
});

test.each([[[signingKey.publicJwk]], [undefined], [{}]])(
  "createLocalJwks refuses what is no JWKS, and shows one: ERR_JWKS_INVALID (%#)",
  (value) => {
    expect(() => createUntypedJwks("http://localhost", value)).toThrow(
      expect.objectContaining({
        code: "ERR_JWKS_INVALID",
        message: expect.stringContaining("{ keys: [key.publicJwk] }") as string,
      }),
    );
  },
);

test.each([undefined, "-----BEGIN PRIVATE KEY-----", signingKey, signingKey.publicJwk])(
  "importSigningKey refuses what is no private JWK: ERR_INVALID_KEY (%#)",
  (value) => {
    expect(() => importSigningKey(value)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_KEY",
        message: expect.stringContaining("exportPrivateJwk") as string,
      }),
    );
  },
);
