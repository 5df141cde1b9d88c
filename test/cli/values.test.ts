import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duration, headerValue, nonEmpty, oneOf, rate, wholeNumber } from "../../src/cli/values.ts";

type Read = (text: string, option: string) => unknown;

const tables: [name: string, read: Read, accepted: [text: string, value: unknown][], refused: string[]][] = [
  [
    "a whole number",
    wholeNumber(1, 65_535),
    [
      ["1", 1],
      ["65535", 65_535],
      ["0042", 42],
    ],
    [
      "",
      "0",
      "65536",
      "-1",
      "+1",
      "1.0",
      "1e3",
      "0x10",
      " 1",
      "1 ",
      "1,000",
      "١",
      "NaN",
      "Infinity",
      "9".repeat(400),
    ],
  ],
  [
    "a duration",
    duration,
    [
      ["30s", 30_000],
      ["30", 30_000],
      ["1.5", 1_500],
      ["500ms", 500],
      ["1ms", 1],
      ["2m", 120_000],
      ["60m", 3_600_000],
    ],
    [
      "",
      "0",
      "0.5ms",
      "61m",
      "1h",
      "-1s",
      "s",
      "1 s",
      "1e3",
      "1S",
      ".5s",
      "1.s",
      "infinity",
      "9".repeat(400),
    ],
  ],
  [
    "a rate",
    rate,
    [
      ["5", 5],
      ["5/s", 5],
      ["0.5/s", 0.5],
      ["30/m", 0.5],
    ],
    ["", "0", "0/s", "-5/s", "5/h", "5 /s", "/s", "1e2", "100001", "9".repeat(400)],
  ],
  [
    "a text",
    nonEmpty,
    [
      ["x", "x"],
      [" ", " "],
    ],
    [""],
  ],
  [
    "a header's value",
    headerValue,
    [
      ["drill", "drill"],
      ["~!\"'\\", "~!\"'\\"],
      ["x".repeat(256), "x".repeat(256)],
    ],
    ["", "two words", "tab\t", "line\nline", "ü", "\u001b", "x".repeat(257)],
  ],
  ["one of several words", oneOf("token", "curl"), [["curl", "curl"]], ["", "Token", "toke", "constructor"]],
];

describe.each(tables)("%s", (_name, read, accepted, refused) => {
  test.each(accepted)("reads %j", (text, value) => {
    expect(read(text, "--option")).toBe(value);
  });

  test.each(refused.map((text) => [text]))(
    "refuses %j and names the option, what it expects, and what it got",
    (text) => {
      expect(() => read(text, "--option")).toThrow(
        expect.objectContaining({
          code: "ERR_INVALID_OPTION",
          option: "--option",
          got: text === "" ? "nothing" : JSON.stringify(text),
        }),
      );
    },
  );

  test("is above nothing, or the text itself, or refused with the code, whatever the text", () => {
    const texts = fc.oneof(fc.string(), fc.float().map(String), fc.integer().map(String));
    const readOrCode = (text: string): unknown => {
      try {
        return read(text, "--option");
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    fc.assert(
      fc.property(texts, (text) => {
        const value = readOrCode(text);
        const isRight =
          typeof value === "number" ? value > 0 : [text, "ERR_INVALID_OPTION"].includes(String(value));
        expect([value, isRight]).toEqual([value, true]);
      }),
    );
  });
});
