import { describe, expect, test } from "vitest";
import {
  delayBefore,
  disabledAfterMs,
  noRetries,
  parseRetrySchedule,
  retrySchedule,
} from "../../src/kinde/retry-schedule.ts";

const hour = 3_600_000;

describe("Kinde's schedule", () => {
  test("has nine attempts: at once, then after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, 12 h and 12 h", () => {
    expect(retrySchedule).toEqual([0, 5_000, 30_000, 120_000, 600_000, hour, 4 * hour, 12 * hour, 12 * hour]);
  });

  test("ends within the 36 hours that Kinde names, which a tenth attempt after 12 h more would pass", () => {
    const lastsMs = retrySchedule.reduce((sum, delayMs) => sum + delayMs);
    expect(lastsMs).toBe(29 * hour + 12 * 60_000 + 35_000);
    expect(lastsMs).toBeLessThanOrEqual(36 * hour);
    expect(lastsMs + 12 * hour).toBeGreaterThan(36 * hour);
  });

  test("is shorter than what disables a webhook: one event alone never does", () => {
    expect(disabledAfterMs).toBe(72 * hour);
    expect(retrySchedule.reduce((sum, delayMs) => sum + delayMs)).toBeLessThan(disabledAfterMs);
  });

  test.each([
    ["Kinde's", retrySchedule],
    ["that without retries", noRetries],
  ])("%s can't be changed by who has it", (_, schedule) => {
    expect(Object.isFrozen(schedule)).toBe(true);
  });
});

describe("the delay before an attempt", () => {
  test.each(retrySchedule.map((delayMs, index) => [index + 1, delayMs]))(
    "%i is %i ms",
    (attempt, delayMs) => {
      expect(delayBefore(retrySchedule, attempt)).toBe(delayMs);
    },
  );

  test.each([
    ["the tenth", retrySchedule, 10],
    ["the second without retries", noRetries, 2],
    ["the last that can be counted", retrySchedule, Number.MAX_SAFE_INTEGER],
    ["any of an empty schedule", [], 1],
  ])("of %s is none: the schedule is exhausted", (_, schedule, attempt) => {
    expect(delayBefore(schedule, attempt)).toBeUndefined();
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER + 1, "1", null, undefined])(
    "of attempt %s can't be told: ERR_INVALID_OPTION",
    (attempt) => {
      expect(() => delayBefore(retrySchedule, attempt as number)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_OPTION", expected: "a whole number from 1" }),
      );
    },
  );
});

describe("a schedule as people write it", () => {
  test.each([
    ["kinde", retrySchedule],
    [" kinde ", retrySchedule],
    ["5s,30s,2m,1h", [0, 5_000, 30_000, 120_000, hour]],
    ["200ms, 1.5s", [0, 200, 1_500]],
    ["5,0.5", [0, 5_000, 500]],
    ["5min", [0, 300_000]],
    ["36h", [0, 36 * hour]],
    [Array(20).fill("1ms").join(), [0, ...Array<number>(20).fill(1)]],
  ])("reads %j", (text, expected) => {
    expect(parseRetrySchedule(text, "--retry-schedule")).toEqual(expected);
  });

  test.each([
    ["", "nothing"],
    ["5s,", "nothing"],
    ["soon", '"soon"'],
    ["5s,later,1h", '"later"'],
    ["0s", '"0s"'],
    ["-5s", '"-5s"'],
    ["0.5ms", '"0.5ms"'],
    ["1.2.3", '"1.2.3"'],
    ["5s 30s", '"5s 30s"'],
    ["1w", '"1w"'],
    ["20h,17h", "2 of 37.0h together"],
    [Array(21).fill("1h").join(), "21 of 21.0h together"],
    ["Infinity", '"Infinity"'],
    ["37h", '"37h"'],
    ["9".repeat(400), `"${"9".repeat(99)}…`],
  ])("refuses %j, which is %s", (text, got) => {
    expect(() => parseRetrySchedule(text, "--retry-schedule")).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_OPTION", option: "--retry-schedule", got }) as Error,
    );
  });
});
