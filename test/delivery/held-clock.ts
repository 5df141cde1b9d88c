import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/delivery/clock.ts";

/** A clock that stands still until it is told to go on. */
export interface HeldClock extends Clock {
  /** Moves time on; what falls due happens in order, each at its own time. */
  advance(ms: number): Promise<void>;
  /** Sets the time back; who waits waits no longer for it. */
  setBack(ms: number): void;
  /** How many wait now. */
  readonly waiting: number;
}

export function createHeldClock(startedAt: number = Date.UTC(2026, 0, 2)): HeldClock {
  let time = startedAt;
  const waits = new Set<{ at: number; readonly resolve: () => void }>();
  const nextUntil = (end: number): { readonly at: number; readonly resolve: () => void } | undefined =>
    [...waits].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => time,
    wait: async (delayMs, signal) => {
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          waits.delete(wait);
          reject(signal?.reason as Error);
        };
        const wait = {
          at: time + delayMs,
          resolve: (): void => {
            signal?.removeEventListener("abort", abort);
            resolve();
          },
        };
        waits.add(wait);
        signal?.addEventListener("abort", abort, { once: true });
      });
    },
    advance: async (ms) => {
      const end = time + ms;
      await turn();
      for (let due = nextUntil(end); due !== undefined; due = nextUntil(end)) {
        waits.delete(due);
        time = Math.max(time, due.at);
        due.resolve();
        await turn();
      }
      time = end;
    },
    setBack: (ms) => {
      time -= ms;
      for (const wait of waits) wait.at -= ms;
    },
    get waiting() {
      return waits.size;
    },
  };
}
