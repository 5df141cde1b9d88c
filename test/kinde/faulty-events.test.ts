import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createEvent } from "../../src/kinde/events.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { faultNames } from "../../src/kinde/faults.ts";
import { createFaultyEvents } from "../../src/kinde/faulty-events.ts";

const now = Date.UTC(2026, 7, 1);
const origin = { now, randomBytes };
const hour = 3_600_000;
const others = faultNames.filter(
  (name) => !["duplicate", "reordered", "stale-timestamp", "unknown-event-type"].includes(name),
);

describe.each(eventTypes)("of %s", (type) => {
  const event = createEvent(type, {}, origin);

  test("any other fault leaves the event as it is", () => {
    for (const fault of others) expect(createFaultyEvents(fault, event, origin)).toEqual([event]);
  });

  test("duplicate is the same event twice", () => {
    expect(createFaultyEvents("duplicate", event, origin)).toEqual([event, event]);
  });

  test("stale-timestamp is the same event 35 hours ago, in its id too", () => {
    const [stale, ...more] = createFaultyEvents("stale-timestamp", event, origin);
    expect(more).toEqual([]);
    const { timestamp, event_timestamp, event_id, ...rest } = stale!;
    expect({ ...event, ...rest }).toEqual(event);
    expect([timestamp, event_timestamp]).toEqual(["2026-07-30T13:00:00.000Z", "2026-07-30T13:00:00.000Z"]);
    expect(timeOf(event_id)).toBe(now - 35 * hour);
    expect(event_id.slice(18)).toBe(event.event_id.slice(18));
  });

  test("reordered is the event, then one of a second before with an id of its own", () => {
    const [newer, older, ...more] = createFaultyEvents("reordered", event, origin);
    expect(more).toEqual([]);
    expect(newer).toEqual(event);
    expect(older).toMatchObject({ type, source: event.source });
    expect([older?.timestamp, older?.["event_timestamp"]]).toEqual([
      "2026-07-31T23:59:59.000Z",
      "2026-07-31T23:59:59.000Z",
    ]);
    expect(timeOf(older!.event_id)).toBe(now - 1_000);
    expect(older?.event_id.slice(18)).not.toBe(newer?.event_id.slice(18));
  });

  test("unknown-event-type is of the same kind, and none of Kinde's types", () => {
    const [unknown] = createFaultyEvents("unknown-event-type", event, origin);
    expect(unknown).toEqual({ ...event, type: `${type.split(".", 1)[0]}.unknown` });
    expect(eventTypes).not.toContain(unknown?.type);
  });
});

test.each<[EventType, object]>([
  ["user.updated", { user: { email: "older-ada.lovelace@example.com", first_name: "Ada" } }],
  ["role.updated", { role: { description: "older-Can edit, publish and retract articles", key: "editor" } }],
  [
    "organization.created",
    { organization: { handle: "analytical-engines", name: "older-Analytical Engines" } },
  ],
  ["customer.plan_changed", { plan: { code: "older-pro", key: "pro" }, org_code: "org_590d7f1a86a" }],
])("the older state of %s is told from the newer by a text, and has the same ids", (type, data) => {
  const event = createEvent(type, {}, origin);
  const [, older] = createFaultyEvents("reordered", event, origin);
  expect(older?.data).toMatchObject(data);
  expect(JSON.stringify(older?.data).replace("older-", "")).toBe(JSON.stringify(event.data));
});

test.each<EventType>(["user.deleted", "passkey.added", "customer.payment_failed"])(
  "%s has no older state: its data is ids and dates",
  (type) => {
    const event = createEvent(type, {}, origin);
    expect(createFaultyEvents("reordered", event, origin)[1]?.data).toEqual(event.data);
  },
);

test("an older state keeps what is no text, and finds the name behind it", () => {
  const data = { user: { email: null, first_name: "Zoë", organizations: null } };
  const event = createEvent("user.created", { data }, origin);
  expect(createFaultyEvents("reordered", event, origin)[1]?.data).toMatchObject({
    user: { email: null, first_name: "older-Zoë", organizations: null },
  });
});

describe("values of the user's own", () => {
  const event = createEvent(
    "user.created",
    { set: { event_id: "mine", timestamp: "2024-05-01T17:41:45.592145+10:00" }, unset: ["event_timestamp"] },
    origin,
  );

  test("date a reordered event, and leave no claim that was unset", () => {
    const [newer, older] = createFaultyEvents("reordered", event, origin);
    expect(newer).toEqual(event);
    expect(older).toMatchObject({ timestamp: "2024-05-01T07:41:44.592Z" });
    expect(timeOf(older!.event_id)).toBe(Date.UTC(2024, 4, 1, 7, 41, 44, 592));
    expect(older).not.toHaveProperty("event_timestamp");
  });

  test("keep their id when the time is another", () => {
    const [stale] = createFaultyEvents("stale-timestamp", event, origin);
    expect(stale).toMatchObject({ event_id: "mine", timestamp: "2026-07-30T13:00:00.000Z" });
    expect(stale).not.toHaveProperty("event_timestamp");
  });

  test("that are no time count from now", () => {
    const undated = createEvent("user.created", { set: { timestamp: "yesterday" } }, origin);
    expect(createFaultyEvents("reordered", undated, origin)[1]?.timestamp).toBe("2026-07-31T23:59:59.000Z");
  });
});

function timeOf(id: string): number {
  expect(id).toMatch(/^event_[\da-f]{32}$/);
  return Number.parseInt(id.slice(6, 18), 16);
}
