/** The schemas of event types, as a validator of JSON Schema reads them. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { createEvent, type KindeEvent } from "../../src/index.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { eventSchema } from "../../src/kinde/event-schema.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { createEventTypeId } from "../../src/kinde/ids.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { decodeToken } from "../../src/kinde/verify.ts";
import { signingKey } from "../helpers/keys.ts";

// Strict, so that a misspelt keyword is an error; "type" may be a list.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const validators = new Map<EventType, ValidateFunction>(
  eventTypes.map((type) => [type, ajv.compile(eventSchema(type))]),
);

const wrongClaims = [
  { event_id: "event_1" },
  { event_id: `event_${"0".repeat(33)}` },
  { event_id: 1 },
  { source: "system" },
  { timestamp: 1_767_322_800 },
  { type: "user.crated" },
  { data: "text" },
  { data: [] },
];

function isValid(type: EventType, claims: unknown): boolean {
  return validators.get(type)!(claims);
}

describe.each(eventTypes)("the schema of %s", (type) => {
  const event: KindeEvent = createEvent(type);

  test("is met by the event that is signed, and by those of no other type", async () => {
    const signed = decodeToken(await signEvent(event, signingKey));
    expect(eventTypes.filter((other) => isValid(other, signed))).toEqual([type]);
  });

  test("knows every member of the sample, at every depth", () => {
    const { properties } = eventSchema(type) as { properties: Record<string, unknown> };
    expect(Object.keys(properties).toSorted()).toEqual(Object.keys(event).toSorted());
    expect(unknownMembers(event.data, properties["data"])).toEqual([]);
  });

  test("is not met without a claim that every event has, nor with a wrong one", () => {
    for (const name of ["data", "event_id", "source", "timestamp", "type"] as const) {
      const { [name]: _, ...claims } = event;
      expect([name, isValid(type, claims)]).toEqual([name, false]);
    }
    for (const wrong of wrongClaims) {
      expect([wrong, isValid(type, { ...event, ...wrong })]).toEqual([wrong, false]);
    }
  });

  test("is not met when a member of data is of another type", () => {
    const known = Object.entries(event.data).filter(([, value]) => value !== null);
    expect(known).not.toEqual([]);
    for (const [name, value] of known) {
      const wrong = typeof value === "string" ? 1 : "text";
      expect(isValid(type, { ...event, data: { ...event.data, [name]: wrong } })).toBe(false);
    }
  });

  test("leaves members of data out, or null, or unknown", () => {
    const nulls = Object.fromEntries(Object.keys(event.data).map((name) => [name, null]));
    for (const data of [{}, nulls, { ...event.data, unknown: 1 }]) {
      expect(isValid(type, { ...event, data })).toBe(true);
    }
  });
});

test("the id of an event type stays the same, and no two are equal", () => {
  const ids = eventTypes.map(createEventTypeId);
  expect(new Set(ids).size).toBe(eventTypes.length);
  for (const id of ids) expect(id).toMatch(/^et_[\da-f]{32}$/);
  expect(createEventTypeId("user.created")).toBe("et_ecec131526e1e8a0289a4e48ffdb388d");
});

/** The paths of members that a schema does not describe. */
function unknownMembers(value: unknown, schema: unknown, path = "data"): string[] {
  const { properties, items } = (schema ?? {}) as {
    properties?: Record<string, unknown>;
    items?: unknown;
  };
  if (schema === undefined) return [path];
  if (Array.isArray(value)) {
    return value.slice(0, 1).flatMap((item) => unknownMembers(item, items, `${path}[]`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    unknownMembers(member, properties?.[name], `${path}.${name}`),
  );
}
