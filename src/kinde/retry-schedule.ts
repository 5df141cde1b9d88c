/**
 * When Kinde attempts a delivery again, and when it gives up.
 * Source: Kinde docs, "About webhooks", read 2026-08: "roughly" at once, after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, then
 * every 12 h until 36 h. From when each delay counts is not said: our reading is from the end of the attempt before.
 */
import { readDuration } from "./duration.ts";
import { InvalidOptionError } from "./errors.ts";
import { describeValue, isWholeNumber, parseOption } from "./parse-option.ts";

/** Delays in milliseconds: entry 0 precedes attempt 1. An exhausted schedule ends the delivery. */
export type RetrySchedule = readonly number[];

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Nine attempts in about 29 hours; a tenth would pass the 36 hours that Kinde names. */
export const retrySchedule: RetrySchedule = Object.freeze([
  0,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  1 * hour,
  4 * hour,
  12 * hour,
  12 * hour,
]);

/** One attempt, and no other. */
export const noRetries: RetrySchedule = Object.freeze([0]);

/**
 * For how long a webhook must have failed, without a success between, to be disabled: by the first attempt that fails
 * so long after its first failure. A single event does not last that long.
 */
export const disabledAfterMs: number = 72 * hour;

/**
 * The delay before an attempt, or `undefined` when the schedule is exhausted.
 * @param attempt 1 for the first attempt
 * @returns milliseconds
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when `attempt` is not a positive integer
 */
export function delayBefore(schedule: RetrySchedule, attempt: number): number | undefined {
  return schedule[parseOption("attempt of delayBefore", attempt, "a whole number from 1", isAttempt) - 1];
}

const isAttempt = isWholeNumber(1, Number.MAX_SAFE_INTEGER);

// A delivery is given up 36 h after its first attempt, and its record holds all of its attempts.
const maxTotalMs = 36 * hour;
const maxDelays = 20;

/**
 * A schedule as people write it: `kinde`, or the delays before the second attempt and those after it, as in `5s,30s,2m,1h`.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseRetrySchedule(text: string, option: string): RetrySchedule {
  if (text.trim() === "kinde") return retrySchedule;
  const parts = text.split(",").map((part) => part.trim());
  const delays = parts.map(readDelay);
  const totalMs = delays.reduce((sum, delay) => sum + delay, 0);
  if (delays.length <= maxDelays && totalMs <= maxTotalMs) return [0, ...delays.map(Math.round)];
  const wrong = parts.find((_, index) => Number.isNaN(delays[index]));
  const got = Number.isNaN(totalMs)
    ? describeValue(wrong)
    : `${parts.length} of ${(totalMs / hour).toFixed(1)}h together`;
  throw new InvalidOptionError(
    option,
    `"kinde", or up to ${maxDelays} delays of 36h together, as in 5s,30s,2m,1h`,
    got,
    "Each is the time from the end of an attempt to the next one.",
  );
}

/** Milliseconds, of seconds where no unit is given; not a number for what is no delay. */
function readDelay(text: string): number {
  const delayMs = readDuration(/^[\d.]+$/.test(text) ? `${text}s` : text) ?? Number.NaN;
  return delayMs >= 1 && delayMs <= maxTotalMs ? delayMs : Number.NaN;
}
