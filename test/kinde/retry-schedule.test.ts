import { describe, expect, test } from "vitest";
import { delayBefore, disabledAfterMs, noRetries, retrySchedule } from "../../src/kinde/retry-schedule.ts";

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
