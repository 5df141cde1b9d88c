/** The time by which retries fall due: a clock's own, or one that runs faster, or is moved ahead by hand. */
import type { Clock } from "./clock.ts";

/**
 * Only what waits for its turn goes by this time. Claims, ids and records keep to the `Clock`, which may read it in turn.
 */
export interface ScheduleClock {
  /** Epoch milliseconds. */
  now(): number;
  /** When on the `Clock` a moment of this time comes, in epoch milliseconds, if nobody moves it meanwhile. */
  clockTimeOf(time: number): number;
  /** Which moment of this time comes at one of the `Clock`, in epoch milliseconds, if nobody moves it meanwhile. */
  timeAt(clockTime: number): number;
  /** Resolves when a moment has come; rejects with the signal's reason when that is first. */
  wait(until: number, signal: AbortSignal): Promise<void>;
  /** Moves the time ahead; never back. */
  moveTo(time: number): void;
  /** As if just made. */
  restart(): void;
}

// A machine that sleeps stops its timers, but not the time: it is looked at again now and then.
const longestWaitMs = 30_000;

/** @param speed how many times as fast as the clock it runs */
export function createScheduleClock(clock: Clock, speed = 1): ScheduleClock {
  let origin = clock.now();
  let aheadMs = 0;
  const now = (): number => origin + (clock.now() - origin) * speed + aheadMs;
  return {
    now,
    clockTimeOf: (time) => clock.now() + (time - now()) / speed,
    timeAt: (clockTime) => now() + (clockTime - clock.now()) * speed,
    wait: async (until, signal) => {
      signal.throwIfAborted();
      for (let left = until - now(); left > 0; left = until - now()) {
        // Rounded up: a timer of less than a millisecond would be asked for over and over.
        await clock.wait(Math.min(Math.ceil(left / speed), longestWaitMs), signal);
      }
    },
    moveTo: (time) => {
      aheadMs += Math.max(0, time - now());
    },
    restart: () => {
      origin = clock.now();
      aheadMs = 0;
    },
  };
}

/** A time that stands still until it is moved. @param startedAt epoch milliseconds */
export function createHeldScheduleClock(startedAt: number): ScheduleClock {
  let time = startedAt;
  return {
    now: () => time,
    clockTimeOf: (moment) => moment,
    timeAt: (moment) => moment,
    wait: async (until, signal) => {
      signal.throwIfAborted();
      if (until > time) await untilAborted(signal);
    },
    moveTo: (moment) => {
      time = Math.max(time, moment);
    },
    restart: () => {
      time = startedAt;
    },
  };
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
