/** A time as people write it: `500ms`, `30s`, `5m`, `2h`, `3d`. */
import { InvalidOptionError } from "./errors.ts";
import { describeValue } from "./parse-option.ts";

const unitMs = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a number with its unit behind it; `undefined` for anything else. */
export function readDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(amount) * unitMs[unit as keyof typeof unitMs];
}

const maxAdvanceMs = 365 * unitMs.d;

/**
 * Whole milliseconds by which a clock is to be moved ahead, of a number of them or of a text.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseAdvance(value: unknown, option: string): number {
  const ms = typeof value === "string" ? readDuration(value) : value;
  // Ids and records of a time that is moved have no room for parts of a millisecond.
  if (typeof ms === "number" && ms >= 0 && ms <= maxAdvanceMs) return Math.round(ms);
  throw new InvalidOptionError(
    option,
    'a time up to 365d, as in "30s", "2h" or "3d", or milliseconds',
    describeValue(value),
    "Time does not go back.",
  );
}
