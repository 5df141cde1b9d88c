/** Sums up deliveries that have ended. */
import type { Delivery } from "../delivery/delivery.ts";

/** `perSecond` counts deliveries; times are of the attempts, in milliseconds, `null` when there was none. */
export interface EmissionSummary {
  readonly total: number;
  readonly delivered: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Of deliveries with a fault: how many answers were those of a correct handler, and how many were not. */
  readonly verdicts?: { readonly pass: number; readonly fail: number };
}

export interface Tally {
  add(delivery: Delivery): void;
  summarize(elapsedMs: number): EmissionSummary;
}

/** Numbers alone: a million deliveries with their tokens and answers would not fit. */
export function createTally(): Tally {
  const durations: number[] = [];
  const verdicts = { pass: 0, fail: 0 };
  let total = 0;
  let delivered = 0;
  return {
    add: ({ state, attempts, verdict }) => {
      total++;
      if (verdict !== undefined) verdicts[verdict]++;
      if (state === "delivered") delivered++;
      for (const { durationMs } of attempts) durations.push(durationMs);
    },
    summarize: (elapsedMs) => {
      const sorted = durations.toSorted((a, b) => a - b);
      return {
        total,
        delivered,
        failed: total - delivered,
        perSecond: round((total * 1000) / Math.max(elapsedMs, 1)),
        p50Ms: percentile(sorted, 0.5),
        p99Ms: percentile(sorted, 0.99),
        ...(verdicts.pass + verdicts.fail > 0 && { verdicts }),
      };
    },
  };
}

/** The nearest rank. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  return value === undefined ? null : round(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
