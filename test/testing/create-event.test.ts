import { describe, expect, test } from "vitest";
import {
  createEvent,
  createLocalJwks,
  decodeToken,
  isEventOfType,
  signEvent,
  verifyToken,
  type KindeEvent,
  type OverrideWarning,
  type VerifyTokenOptions,
} from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";

const jwks = createLocalJwks("http://localhost", { keys: [signingKey.publicJwk] });

describe("the library's createEvent", () => {
  test("makes an event of now, with an id of its own", () => {
    const before = Date.now();
    const [first, second] = [createEvent("user.created"), createEvent("user.created")];
    expect(Date.parse(first.timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(first.timestamp)).toBeLessThanOrEqual(Date.now());
    expect(first.event_id).not.toBe(second.event_id);
  });

  test("takes time and randomness from whoever gives them", () => {
    const origin = { now: Date.UTC(2026, 0, 2), randomSeed: "seed" };
    expect(createEvent("user.created", {}, origin)).toEqual(createEvent("user.created", {}, origin));
    expect(createEvent("user.created", {}, { ...origin, randomSeed: 1 }).event_id).not.toBe(
      createEvent("user.created", {}, origin).event_id,
    );
    for (const now of [0, new Date(0)]) {
      expect(createEvent("user.created", {}, { now }).timestamp).toBe("1970-01-01T00:00:00.000Z");
    }
  });

  test("puts in the values that are given, and warns of what looks like a mistake", () => {
    const warnings: OverrideWarning[] = [];
    const event = createEvent("user.created", {
      data: { user: { email: "ada@example.com" } },
      set: { "user.emial": "x" },
      source: "admin",
      onWarning: (warning) => warnings.push(warning),
    });
    expect(event).toMatchObject({ source: "admin", data: { user: { email: "ada@example.com" } } });
    expect(warnings).toMatchObject([{ code: "WARN_UNKNOWN_PATH", closest: "user.email" }]);
  });

  test("makes events that can be signed and verified", async () => {
    const event = createEvent("role.created");
    expect(await verifyToken(await signEvent(event, signingKey), jwks)).toMatchObject({
      status: "verified",
      event,
    });
  });
});

test("a token is decoded without its key, and its event narrowed to what it is", async () => {
  const created = createEvent("user.created", { data: { user: { email: "ada@example.com" } } });
  const event = decodeToken(await signEvent(created, signingKey));
  expect(event).toEqual(created);
  expect(isEventOfType(event, "user.created") && event.data.user.email).toBe("ada@example.com");
  expect(isEventOfType(event, "user.updated")).toBe(false);
  for (const token of ["", "a.b.c", await signEvent({} as KindeEvent, signingKey)]) {
    expect(decodeToken(token)).toBeUndefined();
    expect(isEventOfType(decodeToken(token), "user.created")).toBe(false);
  }
});

test("verifyToken refuses what is older than it may be, by the time it is given or by the clock", async () => {
  const token = await signEvent(createEvent("user.created", {}, { now: 1_000 }), signingKey);
  const reasonOf = async (options: VerifyTokenOptions): Promise<string> => {
    const verified = await verifyToken(token, jwks, options);
    return verified.status === "verified" ? "none" : verified.reason;
  };
  expect(await reasonOf({ maxAgeMs: 60_000, now: 61_000 })).toBe("none");
  expect(await reasonOf({ maxAgeMs: 60_000, now: new Date(61_001) })).toBe("ERR_EVENT_TOO_OLD");
  expect(await reasonOf({ maxAgeMs: 60_000 })).toBe("ERR_EVENT_TOO_OLD");
  expect(await reasonOf({})).toBe("none");
});

test("an event changed by hand is signed as JSON has it: nothing for undefined, text for a Date", async () => {
  const { event_timestamp: _, ...expected } = createEvent("user.created");
  const changed = {
    ...expected,
    event_timestamp: undefined,
    timestamp: new Date(expected.timestamp),
  } as unknown as KindeEvent;
  expect(await verifyToken(await signEvent(changed, signingKey), jwks)).toMatchObject({ event: expected });
});
