import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUserError } from "../../src/kinde/errors.ts";
import {
  eventFixture,
  eventTypes,
  matchEventTypes,
  parseEventType,
  parseEventTypePatterns,
  unknownEventTypes,
} from "../../src/kinde/event-types.ts";

test("the event types are sorted", () => {
  expect(eventTypes).toEqual([...eventTypes].sort());
});

test.each(eventTypes)("%s names its own sample", (type) => {
  expect(parseEventType(type)).toBe(type);
  expect(eventFixture(type).type).toBe(type);
});

test.each([
  ["user.create", "user.created"],
  ["USER.CREATED", "user.created"],
  [" user.created", "user.created"],
  ["user.role.assigned", undefined],
  ["", undefined],
  ["__proto__", undefined],
  ["constructor", undefined],
  ["toString", undefined],
])("refuses %j as an event type, and names %j", (text, closest) => {
  expect(() => parseEventType(text)).toThrow(
    expect.objectContaining({ code: "ERR_UNKNOWN_EVENT_TYPE", eventType: text, closest }),
  );
});

describe("patterns", () => {
  test.each([
    ["user.created", ["user.created"]],
    ["passkey.*", ["passkey.added", "passkey.removed"]],
    ["*.deleted", ["organization.deleted", "permission.deleted", "role.deleted", "user.deleted"]],
    ["user.*ated", ["user.authenticated", "user.created", "user.updated"]],
    ["role.*,role.created , user.created", ["role.created", "role.deleted", "role.updated", "user.created"]],
    ["user.deleted,user.created,user.deleted", ["user.deleted", "user.created"]],
    ["user.created*", ["user.created"]],
    ["*user.created*", ["user.created"]],
  ])("%s names %j", (patterns, expected) => {
    expect(matchEventTypes(patterns)).toEqual(expected);
  });

  test.each(["*", "**", "*.*"])("%s names every event type", (pattern) => {
    expect(matchEventTypes(pattern)).toEqual(eventTypes);
  });

  test.each(["users.*", "user.created,", "", "*.create", "user.created,nope", "user.created*created"])(
    "refuses %j",
    (patterns) => {
      expect(() => matchEventTypes(patterns)).toThrow(
        expect.objectContaining({ code: "ERR_UNKNOWN_EVENT_TYPE" }),
      );
    },
  );

  test("name what the same regular expression matches", () => {
    const pieces = fc.array(
      fc.constantFrom("*", "user", "role", "u", "e", "d", ".", "created", "ated", "_"),
      {
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(pieces, pieces, (start, end) => {
        const pattern = [...start, "*", ...end].join("");
        const expression = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
        expect(matchOrNone(pattern)).toEqual(eventTypes.filter((type) => expression.test(type)));
      }),
      { numRuns: 500 },
    );
  });

  test("with many asterisks are matched without backtracking", () => {
    expect(() => matchEventTypes(`${"*e".repeat(5_000)}*x`)).toThrow(
      expect.objectContaining({ code: "ERR_UNKNOWN_EVENT_TYPE" }),
    );
  });
});

describe("patterns about what was recorded", () => {
  test.each([
    ["user.*,role.created", []],
    ["invoice.paid_2", [{ pattern: "invoice.paid_2", closest: undefined }]],
    ["user.created, usr.*", [{ pattern: "usr.*", closest: "user.*" }]],
    ["User.Created", [{ pattern: "User.Created", closest: "user.created" }]],
    ["user", [{ pattern: "user", closest: "user.*" }]],
  ])("may name what this version does not know: %s", (patterns, unknown) => {
    expect(parseEventTypePatterns(patterns, "--type")).toBe(patterns);
    expect(unknownEventTypes(patterns)).toEqual(unknown);
  });

  test.each(["", "user.created,", "user created", "user/*", "user.\u001b[31m", "x".repeat(101)])(
    "refuse what can be none: %j",
    (patterns) => {
      expect(() => parseEventTypePatterns(patterns, "--type")).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_OPTION" }),
      );
    },
  );
});

function matchOrNone(pattern: string): readonly string[] {
  try {
    return matchEventTypes(pattern);
  } catch (error) {
    if (isUserError(error) && error.code === "ERR_UNKNOWN_EVENT_TYPE") return [];
    throw error;
  }
}
