import type { Clock } from "../../src/delivery/clock.ts";

/** A clock whose every wait is over at once, and has taken a second or more: for limits nobody wants to sit out. */
export function createJumpingClock(): Clock {
  let time = Date.UTC(2026, 0, 2);
  return {
    now: () => time,
    wait: (delayMs, signal) => {
      signal?.throwIfAborted();
      time += Math.max(delayMs, 1_000);
      return Promise.resolve();
    },
  };
}
