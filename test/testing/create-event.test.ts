import { describe, expect, test } from "vitest";
import {
  createEvent,
  createLocalJwks,
  signEvent,
  verifyToken,
  type KindeEvent,
  type OverrideWarning,
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
    const origin = { now: Date.UTC(2026, 0, 2), randomBytes: (size: number) => new Uint8Array(size) };
    expect(createEvent("user.created", {}, origin)).toEqual(createEvent("user.created", {}, origin));
    expect(createEvent("user.created", {}, { now: 0 }).timestamp).toBe("1970-01-01T00:00:00.000Z");
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

test("an event changed by hand is signed as JSON has it: nothing for undefined, text for a Date", async () => {
  const { event_timestamp: _, ...expected } = createEvent("user.created");
  const changed = {
    ...expected,
    event_timestamp: undefined,
    timestamp: new Date(expected.timestamp),
  } as unknown as KindeEvent;
  expect(await verifyToken(await signEvent(changed, signingKey), jwks)).toMatchObject({ event: expected });
});
