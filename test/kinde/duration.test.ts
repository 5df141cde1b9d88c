import { describe, expect, test } from "vitest";
import { parseAdvance, readDuration } from "../../src/kinde/duration.ts";

const day = 86_400_000;

describe("a duration", () => {
  test.each([
    ["0s", 0],
    ["1ms", 1],
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["5m", 300_000],
    ["5min", 300_000],
    ["2h", 7_200_000],
    ["0.5h", 1_800_000],
    ["3d", 3 * day],
    ["36h", 36 * 3_600_000],
  ])("%s is %i ms", (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "s",
    "5",
    "soon",
    "-5s",
    "+5s",
    "5 s",
    " 5s",
    "5s ",
    "5s\n",
    "5S",
    "5sec",
    "5w",
    ".5s",
    "5.s",
    "1h30m",
    "1e3s",
    "0x10s",
    "١s",
    "Infinitys",
  ])("is not %j", (text) => {
    expect(readDuration(text)).toBeUndefined();
  });
});

describe("what a clock is moved ahead by", () => {
  test.each([
    ["2h", 7_200_000],
    ["365d", 365 * day],
    ["0s", 0],
    [0, 0],
    [1_500, 1_500],
    [365 * day, 365 * day],
    // A part of a millisecond would stand in ids and records.
    [0.4, 0],
    [1_500.6, 1_501],
    ["0.0015s", 2],
  ])("%j is %i ms", (value, ms) => {
    expect(parseAdvance(value, "by")).toBe(ms);
  });

  test.each([
    -1,
    -0.1,
    Number.NaN,
    Infinity,
    365 * day + 1,
    "366d",
    "-2h",
    "soon",
    "",
    "5",
    true,
    null,
    undefined,
    [],
    ["2h"],
    {},
    5n,
    new Date(0),
  ])("is not %o: ERR_INVALID_OPTION, with what was expected", (value) => {
    expect(() => parseAdvance(value, "by of clock.advance")).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_OPTION",
        option: "by of clock.advance",
        message: expect.stringMatching(/"2h".*Time does not go back\./) as string,
      }),
    );
  });
});
