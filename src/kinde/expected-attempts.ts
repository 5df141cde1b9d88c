/**
 * When Kinde is to be expected to attempt an event again, told from the attempts of it that were seen.
 * By our reading of a schedule that Kinde itself calls rough (retry-schedule.ts), so that every answer is an "about".
 */
import { disabledAfterMs, retrySchedule } from "./retry-schedule.ts";

/** An attempt that was seen, in epoch milliseconds. */
export interface SeenAttempt {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Where in its schedule the sender of an event stands. */
export interface SchedulePlace {
  /** Which attempt of the schedule the latest one was: 1 for the first; past its end where more have come. */
  readonly attempt: number;
  /** When that one ended, in epoch milliseconds. */
  readonly endedAt: number;
}

// The sender's queue and two clocks that differ lie between an event and its first attempt: less tells nothing.
const unseenAfterMs = 60_000;
// For so long Kinde tries, as it says: who brings an older event is perhaps not Kinde.
const triedForMs = 36 * 60 * 60 * 1000;

/**
 * The place of an attempt: the one of the schedule that fits best the time since the attempt before, for those between
 * may have met no tunnel.
 * @param before the place of the latest attempt that was seen, `undefined` when this is the first
 * @param eventAt when the event happened, which tells how many attempts came before the first that was seen
 */
export function placeAttempt(
  { startedAt, endedAt }: SeenAttempt,
  before: SchedulePlace | undefined,
  eventAt?: number,
): SchedulePlace {
  if (before !== undefined) {
    return {
      attempt: nearestAttempt(before.attempt, before.attempt + 1, startedAt - before.endedAt),
      endedAt,
    };
  }
  const firstAt = firstAttemptAt(startedAt, eventAt);
  return { attempt: nearestAttempt(1, 1, startedAt - firstAt), endedAt };
}

/**
 * When the first attempt of an event was made, seen or not: 36 h before at most.
 * @param startedAt when the first was made that was seen
 */
export function firstAttemptAt(startedAt: number, eventAt: number | undefined): number {
  if (eventAt === undefined || !(startedAt - eventAt >= unseenAfterMs)) return startedAt;
  return Math.max(eventAt, startedAt - triedForMs);
}

/**
 * When the next attempt is due, later than now; `undefined` when the schedule is exhausted.
 * @returns epoch milliseconds
 */
export function expectAttempt({ attempt, endedAt }: SchedulePlace, now: number): number | undefined {
  let dueAt = endedAt;
  // What was due meanwhile found nobody, and took no time.
  for (const delayMs of retrySchedule.slice(attempt)) {
    dueAt += delayMs;
    if (dueAt > now) return dueAt;
  }
  return undefined;
}

/**
 * From when on a failed attempt disables the webhook, unless one succeeds before.
 * @param failingSince its first failure since its last success, in epoch milliseconds
 */
export function expectDisabling(failingSince: number): number {
  return failingSince + disabledAfterMs;
}

/** The attempt, from `least` on, that comes closest to so long after the end of `from`. */
function nearestAttempt(from: number, least: number, sinceMs: number): number {
  let nearest = least;
  let nearestMs = Infinity;
  let offsetMs = 0;
  for (let attempt = from; attempt <= retrySchedule.length; attempt++) {
    if (attempt > from) offsetMs += retrySchedule[attempt - 1]!;
    const awayMs = Math.abs(sinceMs - offsetMs);
    if (attempt < least || awayMs >= nearestMs) continue;
    nearest = attempt;
    nearestMs = awayMs;
  }
  return nearest;
}
