import { describe, expect, test } from "vitest";
import {
  describeValue,
  isNumber,
  isText,
  isTexts,
  isWait,
  isWholeNumber,
  parseOption,
  parseOptions,
} from "../../src/kinde/parse-option.ts";

test("an option of the wrong type is refused with its name, what was expected and what was got", () => {
  expect(parseOption("name", "Ada", "text", isText)).toBe("Ada");
  expect(() => parseOption("name of greet", 7, "text", isText)).toThrow(
    expect.objectContaining({
      code: "ERR_INVALID_OPTION",
      option: "name of greet",
      expected: "text",
      got: "7",
      message: "Failed to read name of greet: expected text, got 7.",
    }),
  );
});

describe("an object of options", () => {
  const known = ["timeoutMs", "signal", "webhookId"];

  test("is given back, and is empty when there is none", () => {
    const options = { timeoutMs: 1 };
    expect(parseOptions(options, "wait", known)).toBe(options);
    expect(parseOptions(undefined, "wait", known)).toEqual({});
    expect(parseOptions({ signal: undefined }, "wait", known)).toEqual({ signal: undefined });
  });

  test.each([
    ["timeoutms", 'Did you mean "timeoutMs"?'],
    ["singal", 'Did you mean "signal"?'],
    ["webhook_id", 'Did you mean "webhookId"?'],
  ])("with %j in it is refused, naming the nearest", (name, advice) => {
    expect(() => parseOptions({ [name]: 1 }, "wait", known)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_OPTION",
        expected: known.join(", "),
        got: JSON.stringify(name),
        message: expect.stringContaining(advice) as string,
      }),
    );
  });

  test.each(["constructor", "color"])("with %j in it is refused, where none is near", (name) => {
    expect(() => parseOptions({ [name]: 1 }, "wait", known)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("Did you mean") as string }),
    );
  });

  test.each([null, [], "text", 7, () => {}])("can't be %j", (value) => {
    expect(() => parseOptions(value, "wait", known)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "the options of wait" }),
    );
  });
});

test.each([
  [isTexts, [[], ["a", ""]], [["a", 1], Array(1), "a", undefined, { 0: "a" }]],
  [isWholeNumber(1, 3), [1, 2, 3], [0, 4, 1.5, Number.NaN, Infinity, "1", 1n, null]],
  [isWait, [1, 0.5 + 1, 3_600_000], [0, 0.5, -1, 3_600_001, Number.NaN, Infinity, "1", null]],
  [isNumber, [0, -1.5, Infinity], [Number.NaN, "1", 1n, null, undefined]],
] as const)("%o knows what it stands for", (is, right, wrong) => {
  expect(right.map((value) => is(value))).toEqual(right.map(() => true));
  expect(wrong.map((value) => is(value))).toEqual(wrong.map(() => false));
});

describe("a value in a sentence", () => {
  test.each<[value: unknown, shown: string]>([
    [undefined, "nothing"],
    ["", "nothing"],
    [null, "null"],
    ["two\nlines", String.raw`"two\nlines"`],
    [1n, "1n"],
    [Symbol("s"), "Symbol(s)"],
    [[1, "a"], "[ 1, 'a' ]"],
    [{ a: { b: { c: 1 } } }, "{ a: { b: [Object] } }"],
    [Object.create(null), "[Object: null prototype] {}"],
  ])("%o is %s", (value, shown) => {
    expect(describeValue(value)).toBe(shown);
  });

  test.each([["x".repeat(1_000)], [Array.from({ length: 1_000 }, () => "x")]])("is short", (value) => {
    expect(describeValue(value).length).toBeLessThanOrEqual(101);
    expect(describeValue(value)).toMatch(/…$/);
  });
});
