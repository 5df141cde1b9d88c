import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson } from "../../../src/inspector/page/detail/read-json.ts";

test.each([
  ["nothing", "", "1:1", "Expected a value"],
  [
    "a key without quotes",
    '{\n  "a": 1,\n  b: 2\n}',
    "3:3",
    "Expected a key in double quotes, and there is b.",
  ],
  ["a word that is no value", '{"user": {\n  "email": ada\n}}', "2:12", "there is ada."],
  ["a value that only begins well", '{"a": trueish}', "1:7", "there is trueish."],
  ["a number that JSON does not have", "[01]", "1:2", "there is 01."],
  ["a missing comma", '{\n  "a": 1\n  "b": 2\n}', "3:3", "Expected a comma, or }, and there is a text."],
  ["a comma too many in an object", '{\n  "a": 1,\n}', "2:9", "The comma before } is one too many."],
  ["a comma too many in an array", "[1, 2,]", "1:6", "The comma before ] is one too many."],
  ["a missing colon", '{"a" 1}', "1:6", "Expected a colon after the key, and there is 1."],
  ["a missing value", '{"a": }', "1:7", "Expected a value"],
  ["single quotes", "{'a': 1}", "1:2", "double quotes"],
  ["a comment", '{\n  // mine\n  "a": 1}', "2:3", "JSON has no comments."],
  ["a text that is not closed", '{\n  "a": "b\n}', "2:8", "no closing"],
  ["a tab in a text", '["\t"]', "1:3", "\\u0009"],
  ["an escape that JSON does not have", '["\\x"]', "1:3", "After \\"],
  ["an object that is not closed", '{\n  "a": [1]', "2:11", "Expected }: the { of line 1 is not closed."],
  ["the wrong bracket", '{"a": [1}', "1:9", "Expected a comma, or ], and there is }."],
  ["two values", "{} {}", "1:4", "Expected nothing more, and there is {."],
  ["a value of JavaScript", '{"a": undefined}', "1:7", "there is undefined."],
  ["a non-breaking space", '{\u00a0"a": 1}', "1:2", "Expected a key"],
])("marks %s where it is, and says what was expected", (_name, text, place, words) => {
  const reading = readJson(text);
  if (reading.isValid) throw new Error("It was read.");
  const { line, column, message } = reading.error;
  expect({ place: `${line}:${column}`, message }).toEqual({ place, message: expect.stringContaining(words) });
});

test("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readJson(text)).toEqual({ isValid: true, value: JSON.parse(text) as unknown });
    }),
  );
});

test("finds the mistake of any text that JSON.parse refuses, within it", () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "{", "]", '"', ":", "x", "'", "\n", "0", "-"))
    .map(
      ([text, at, put]) =>
        text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1),
    );
  fc.assert(
    fc.property(damaged, (text) => {
      const reading = readJson(text);
      if (reading.isValid) return;
      expect(reading.error.message).not.toBe("This is no JSON.");
      expect(reading.error.offset).toBeLessThanOrEqual(text.length);
      const lines = text.slice(0, reading.error.offset).split("\n");
      expect(reading.error).toMatchObject({ line: lines.length, column: lines.at(-1)!.length + 1 });
    }),
    { numRuns: 2_000 },
  );
});

test("a hundred thousand brackets exhaust nothing", () => {
  expect(readJson("[".repeat(100_000))).toMatchObject({
    isValid: false,
    error: { line: 1, column: 100_001 },
  });
});
