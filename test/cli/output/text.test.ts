import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPaint, escapeControls, stringifyLine } from "../../../src/cli/output/text.ts";

const controls = /\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

// Terminals obey C0, DEL and C1; the marks turn the direction of writing round.
const nasty = [
  "\u0000",
  "\u0007",
  "\u001b",
  "\u007f",
  "\u0085",
  "\u009b",
  "\u2028",
  "\u200f",
  "\u202e",
  "\u2066",
];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...nasty, "\n", "\r"), fc.string({ unit: "binary" })))
  .map((parts) => parts.join(""));

describe("text from outside", () => {
  test.each(nasty)("has %j written out", (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
    expect(escapeControls(`a${character}b`)).toBe(`a\\u${hex}b`);
  });

  test("shows the end of a line as a sign", () => {
    expect(escapeControls("a\nb")).toBe("a⏎b");
  });

  test("has no control left, whatever it was", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeControls(text)).not.toMatch(controls);
      }),
    );
  });

  test("is left as it is without controls", () => {
    const harmless = anyText.filter((text) => !controls.test(text));
    fc.assert(fc.property(harmless, (text) => escapeControls(text) === text));
    expect(escapeControls("Ada Lovelace · 日本語 · 👩‍💻")).toBe("Ada Lovelace · 日本語 · 👩‍💻");
  });
});

test("JSON on a line has no control, and is read as what was written", () => {
  const json = fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.constant(null)), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(json, (value) => {
      const line = stringifyLine(value);
      expect(line).not.toMatch(controls);
      expect(JSON.parse(line)).toEqual(value);
    }),
  );
});

describe("colour", () => {
  test.each<[boolean | undefined, Record<string, string>, boolean]>([
    [true, {}, true],
    [true, { NO_COLOR: "" }, true],
    [true, { NO_COLOR: "1" }, false],
    [true, { TERM: "dumb" }, false],
    [false, {}, false],
    [undefined, {}, false],
  ])("on a terminal (%s) with %j: %s", (isTTY, environment, isColoured) => {
    const paint = createPaint({ ...(isTTY !== undefined && { isTTY }) }, environment);
    expect(paint("red", "text")).toBe(isColoured ? "\u001b[31mtext\u001b[39m" : "text");
  });
});
