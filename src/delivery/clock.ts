/** Tells time and waits. Whoever waits takes a clock, so that a test can hold it. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment, for durations. Default: the system's, which no change of the time disturbs. */
  readonly elapsed?: () => number;
  /** Resolves after a time in milliseconds; rejects with the signal's reason when that comes first. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: async (delayMs, signal) => {
    try {
      await sleep(delayMs, undefined, { ...(signal !== undefined && { signal }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** Resolves when all work has settled, or after a time in milliseconds if that is sooner. */
export async function settleWithin(
  work: Iterable<Promise<unknown>>,
  limitMs: number,
  clock: Clock,
): Promise<void> {
  const done = new AbortController();
  const limit = clock.wait(limitMs, done.signal).catch(() => {});
  await Promise.race([Promise.allSettled(work), limit]);
  done.abort();
}

/**
 * What work comes to.
 * @throws the signal's reason when it comes first; the work goes on
 */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
