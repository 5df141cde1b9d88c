/**
 * When Kinde attempts a delivery again, and when it gives up.
 * Source: Kinde docs, "About webhooks", read 2026-08: "roughly" at once, after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, then
 * every 12 h until 36 h. From when each delay counts is not said: our reading is from the end of the attempt before.
 */
import { isWholeNumber, parseOption } from "./parse-option.ts";

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
