import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  expectAttempt,
  expectDisabling,
  firstAttemptAt,
  placeAttempt,
  type SchedulePlace,
  type SeenAttempt,
} from "../../src/kinde/expected-attempts.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const start = Date.UTC(2026, 0, 2);

/** Every attempt of a sender that keeps to the schedule, each lasting as long as given. */
function attemptsLasting(durations: readonly number[]): SeenAttempt[] {
  let endedAt = start;
  return retrySchedule.map((delayMs, index) => {
    const startedAt = endedAt + delayMs;
    endedAt = startedAt + durations[index]!;
    return { startedAt, endedAt };
  });
}

function placeAll(seen: readonly SeenAttempt[], eventAt?: number): SchedulePlace {
  const [first, ...others] = seen;
  return others.reduce(
    (place, attempt) => placeAttempt(attempt, place),
    placeAttempt(first!, undefined, eventAt),
  );
}

describe("the next attempt of Kinde's", () => {
  test.each([
    [1, 5 * second],
    [2, 30 * second],
    [3, 2 * minute],
    [4, 10 * minute],
    [5, hour],
    [6, 4 * hour],
    [7, 12 * hour],
    [8, 12 * hour],
  ])("after attempt %i is due %i ms after its end", (attempt, delayMs) => {
    expect(expectAttempt({ attempt, endedAt: start }, start)).toBe(start + delayMs);
  });

  test.each([9, 10, 50])("after attempt %i is none", (attempt) => {
    expect(expectAttempt({ attempt, endedAt: start }, start)).toBeUndefined();
  });

  test.each([
    ["a second late", 6 * second, 35 * second],
    ["at the very moment it was due", 5 * second, 35 * second],
    ["ten hours later", 10 * hour, 17 * hour + 12 * minute + 35 * second],
  ])("that was missed is followed by the one after: asked %s", (_, passedMs, dueMs) => {
    expect(expectAttempt({ attempt: 1, endedAt: start }, start + passedMs)).toBe(start + dueMs);
  });

  test("is none once the last was missed", () => {
    const lastMs = retrySchedule.reduce((sum, delayMs) => sum + delayMs);
    expect(expectAttempt({ attempt: 1, endedAt: start }, start + lastMs - 1)).toBe(start + lastMs);
    expect(expectAttempt({ attempt: 1, endedAt: start }, start + lastMs)).toBeUndefined();
  });

  test("is never in the past, and never earlier when asked later", () => {
    const place = fc.record({ attempt: fc.integer({ min: 1, max: 12 }), endedAt: fc.constant(start) });
    const time = fc.integer({ min: 0, max: 40 * hour });
    fc.assert(
      fc.property(place, time, time, (at, oneMs, otherMs) => {
        const [earlier, later] = [Math.min(oneMs, otherMs), Math.max(oneMs, otherMs)];
        const due = [earlier, later].map((asked) => expectAttempt(at, start + asked) ?? Infinity);
        expect(due[0]).toBeGreaterThan(start + earlier);
        expect(due[1]).toBeGreaterThan(start + later);
        expect(due[0]).toBeLessThanOrEqual(due[1]!);
      }),
    );
  });

  test("is the real one's time, whichever attempts of a sender on schedule were seen, the first among them", () => {
    const lasting = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 9, maxLength: 9 });
    const visible = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(lasting, visible, (durations, isSeen) => {
        const attempts = attemptsLasting(durations);
        const seen = attempts.filter((_, index) => index === 0 || isSeen[index - 1]);
        const last = seen.at(-1)!;
        const index = attempts.indexOf(last);
        const place = placeAll(seen);
        expect(place).toEqual({ attempt: index + 1, endedAt: last.endedAt });
        expect(expectAttempt(place, last.endedAt)).toBe(attempts[index + 1]?.startedAt);
      }),
    );
  });
});

describe("the place of an attempt in the schedule", () => {
  test("goes by the end of the one before: an app that hangs for 30 s makes no attempt missing", () => {
    const seen = attemptsLasting(retrySchedule.map(() => 30 * second));
    expect(seen.map((_, index) => placeAll(seen.slice(0, index + 1)).attempt)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  test("is one further with every attempt, however soon it comes", () => {
    const gap = fc.integer({ min: -minute, max: 80 * hour });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), gap, (attempt, gapMs) => {
        const startedAt = start + gapMs;
        const place = placeAttempt({ startedAt, endedAt: startedAt }, { attempt, endedAt: start });
        expect(place.attempt).toBeGreaterThan(attempt);
        expect(place.attempt).toBeLessThanOrEqual(Math.max(attempt + 1, retrySchedule.length));
      }),
    );
  });

  test.each([
    ["unknown", undefined, 1],
    ["a moment ago", 2 * second, 1],
    ["less than a minute ago, which a queue explains", 59 * second, 1],
    ["in the future, by this machine's clock", -hour, 1],
    ["two minutes ago", 2 * minute, 4],
    ["in the evening, for the tunnel was closed over night", 17 * hour, 8],
    ["two days ago, by when no attempt is left", 48 * hour, 9],
  ])("of the first that was seen tells how many were not: the event happened %s", (_, agoMs, attempt) => {
    const eventAt = agoMs === undefined ? undefined : start - agoMs;
    expect(placeAttempt({ startedAt: start, endedAt: start }, undefined, eventAt).attempt).toBe(attempt);
  });
});

test.each([
  [59 * second, start],
  [minute, start - minute],
  [36 * hour, start - 36 * hour],
  [10_000 * hour, start - 36 * hour],
  [-hour, start],
  [Number.NaN, start],
])(
  "of an event that happened %i ms before, the first attempt was then, 36 h before, or is this one",
  (agoMs, firstAt) => {
    expect(firstAttemptAt(start, start - agoMs)).toBe(firstAt);
  },
);

test("a webhook is disabled from 72 h after its first failure on", () => {
  expect(expectDisabling(start)).toBe(start + 72 * hour);
});
