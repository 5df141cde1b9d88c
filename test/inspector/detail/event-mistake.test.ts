import { expect, test } from "vitest";
import { findDataMistake, findEventMistake } from "../../../src/inspector/page/detail/event-mistake.ts";
import type { JsonValue } from "../../../src/kinde/json.ts";

const event = { data: {}, event_id: "event_1", timestamp: "2026-01-02T03:04:05Z", type: "user.created" };

test("an event has no mistake, whatever it has beside", () => {
  expect(mistakeOf({ ...event, more: [1] })).toBeUndefined();
});

test.each([
  ["a text", "x", "An event is an object, { … }, and this is a text."],
  ["null", null, "An event is an object, { … }, and this is null."],
  ["an array", [event], "An event is an object, { … }, and this is an array."],
  ["nothing of an event", {}, "An event has type, event_id, timestamp, data: add what is missing."],
  ["no event_id", { data: {}, timestamp: "t", type: "x" }, "An event has event_id: add what is missing."],
])("says of %s what is missing, without a place", (_name, claims, message) => {
  expect(mistakeOf(claims)).toEqual({ line: null, message });
});

test.each([
  ["type", 5, "type is a text, and this is a number."],
  ["event_id", "", "event_id is a text, and this is empty."],
  ["timestamp", null, "timestamp is a text, and this is null."],
  ["data", [], "data is an object, { … }, and this is an array."],
])("marks %s where it is of another kind", (name, value, message) => {
  // The name stands further in, and as a value, too: neither is meant.
  const claims = { a: { [name]: 1 }, b: name, ...event, [name]: value };
  const text = JSON.stringify(claims, undefined, 2);
  const line = text.split("\n").findIndex((each) => each.startsWith(`  "${name}"`)) + 1;
  expect(findEventMistake(text, claims)).toMatchObject({ line, column: 3, message });
});

test("the data of an event is an object", () => {
  expect(findDataMistake("{}", {})).toBeUndefined();
  expect(findDataMistake("[]", [])).toMatchObject({
    line: null,
    message: expect.stringContaining("an array"),
  });
});

function mistakeOf(claims: JsonValue): ReturnType<typeof findEventMistake> {
  return findEventMistake(JSON.stringify(claims), claims);
}
