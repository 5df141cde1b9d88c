import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createEvent, isEvent, parseEventSource, type CreateEventOptions } from "../../src/kinde/events.ts";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import type { Origin } from "../../src/kinde/ids.ts";
import type { OverrideWarning } from "../../src/kinde/overrides.ts";

const origin: Origin = {
  now: Date.UTC(2026, 7, 1, 12, 30, 5, 384),
  randomBytes: (size) => new Uint8Array(size).fill(0xab),
};
const kindeClaims = ["data", "event_id", "event_timestamp", "source", "timestamp", "type"];
const authenticationTypes = new Set<EventType>(["user.authenticated", "user.authentication_failed"]);

describe.each(eventTypes)("%s", (type) => {
  const isAuthentication = authenticationTypes.has(type);

  test("has the sample's data, and the claims that Kinde sends and no others", () => {
    const event = createEvent(type, {}, origin);
    expect(Object.keys(event).sort()).toEqual(
      isAuthentication ? [...kindeClaims, "ip_address"].sort() : kindeClaims,
    );
    expect(event).toMatchObject({ type, data: eventFixture(type).data });
    expect(isEvent(event)).toBe(true);
  });

  test("is caused by the user when it is about authentication, by the API otherwise", () => {
    expect(createEvent(type, {}, origin).source).toBe(isAuthentication ? "user" : "api");
  });
});

test("an authentication event tells an IPv4 address that belongs to nobody", () => {
  // RFC 5737, section 3: 203.0.113.0/24 is for documentation.
  expect(createEvent("user.authenticated", {}, origin).ip_address).toMatch(/^203\.0\.113\.\d+$/);
});

test("the event id starts with the milliseconds of its timestamp", () => {
  const event = createEvent("user.created", {}, origin);
  expect(event.event_id).toMatch(/^event_[\da-f]{32}$/);
  expect(Number.parseInt(event.event_id.slice("event_".length, "event_".length + 12), 16)).toBe(origin.now);
  expect(event.timestamp).toBe("2026-08-01T12:30:05.384Z");
  expect(event.event_timestamp).toBe(event.timestamp);
});

test("the same origin makes the same event", () => {
  expect(createEvent("user.created", {}, origin)).toEqual(createEvent("user.created", {}, origin));
});

test("every event of one moment has an id of its own", () => {
  const ids = Array.from(
    { length: 100 },
    () => createEvent("user.created", {}, { now: origin.now, randomBytes }).event_id,
  );
  expect(new Set(ids)).toHaveLength(100);
});

test.each(["admin", "api", "user"] as const)("takes %s as its source", (source) => {
  expect(createEvent("user.created", { source }, origin).source).toBe(source);
  expect(parseEventSource(source, "--source")).toBe(source);
});

test.each(["", "Admin", "system", "__proto__"])("refuses %j as a source", (source) => {
  const refusal = expect.objectContaining({ code: "ERR_INVALID_OPTION" }) as Error;
  expect(() => createEvent("user.created", { source: source as "api" }, origin)).toThrow(refusal);
  expect(() => parseEventSource(source, "--source")).toThrow(refusal);
});

test("refuses an event type that Kinde does not have, and names the nearest", () => {
  expect(() => createEvent("user.create" as "user.created", {}, origin)).toThrow(
    expect.objectContaining({ code: "ERR_UNKNOWN_EVENT_TYPE", closest: "user.created" }),
  );
});

test("applies data first, then set, then unset", () => {
  const event = createEvent(
    "user.created",
    {
      data: { user: { email: "data@example.com", phone: "+61 1", first_name: "Grace" } },
      set: { "user.email": "set@example.com", "user.phone": "+61 2" },
      unset: ["user.phone"],
    },
    origin,
  );
  expect(event.data.user).toEqual({
    ...eventFixture("user.created").data.user,
    email: "set@example.com",
    first_name: "Grace",
    phone: undefined,
  });
  expect(Object.hasOwn(event.data.user, "phone")).toBe(false);
});

test("tells of an override at a path that the sample does not have, and applies it", () => {
  const warnings: OverrideWarning[] = [];
  const event = createEvent(
    "user.created",
    { set: { "user.emial": "x" }, onWarning: (warning) => warnings.push(warning) },
    origin,
  );
  expect(event.data.user).toHaveProperty("emial", "x");
  expect(warnings).toEqual([
    expect.objectContaining({ code: "WARN_UNKNOWN_PATH", path: "user.emial", closest: "user.email" }),
  ]);
});

describe("what is passed in stays as it was:", () => {
  test("the catalogue", () => {
    const before = structuredClone(eventFixture("user.updated"));
    createEvent(
      "user.updated",
      { set: { "user.organizations[0].code": "org_00000000000" }, unset: ["user.email"] },
      origin,
    );
    expect(eventFixture("user.updated")).toEqual(before);
  });

  test("the overrides, so that one set of them makes any number of equal events", () => {
    const organizations = ["a", "b", "c"].map((code) => ({ code, permissions: null, roles: null }));
    const options: CreateEventOptions<"user.created"> = {
      data: { user: { organizations } },
      set: { "user.organizations[0].code": "x", "user.phone": { parts: [1, 2] }, "user.phone.parts[2]": 3 },
      unset: ["user.organizations[1]"],
    };
    const before = structuredClone(options);
    const first = createEvent("user.created", options, origin);
    expect(first.data.user.organizations?.map(({ code }) => code)).toEqual(["x", "c"]);
    expect(createEvent("user.created", options, origin)).toEqual(first);
    expect(options).toEqual(before);
  });
});

test.each<[options: CreateEventOptions, wrong: string]>([
  [{ set: { data: 5 } }, "its data is no object"],
  [{ set: { data: [] } }, "its data is no object"],
  [{ set: { event_id: "" } }, "its event_id is no text"],
  [{ set: { timestamp: 1_700_000_000 } }, "its timestamp is no text"],
  [{ set: { type: null } }, "its type is no text"],
  [{ unset: ["type", "data"] }, "its type is no text, its data is no object"],
  [{ unset: ["data"] }, "its data is no object"],
])("refuses %j, which leaves no event: %s", (options, wrong) => {
  expect(() => createEvent("user.created", options, origin)).toThrow(
    expect.objectContaining({ code: "ERR_NOT_AN_EVENT", message: expect.stringContaining(wrong) as string }),
  );
});

const bareEvent = { type: "x", event_id: "event_0", timestamp: "2026-08-01T00:00:00Z", data: {} };

test.each([
  [bareEvent, true],
  [{ ...bareEvent, more: 1 }, true],
  [{ ...bareEvent, type: undefined }, false],
  [{ ...bareEvent, type: "" }, false],
  [{ ...bareEvent, event_id: 7 }, false],
  [{ ...bareEvent, timestamp: null }, false],
  [{ ...bareEvent, data: [] }, false],
  [{ ...bareEvent, data: null }, false],
  [[bareEvent], false],
  [null, false],
  ["event", false],
])("isEvent(%j) is %j", (claims, expected) => {
  expect(isEvent(claims)).toBe(expected);
});
