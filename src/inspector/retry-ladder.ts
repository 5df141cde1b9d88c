/** When a delivery was attempted, is attempted next, and after that as far as it can be told. */
import { changedAt, type Attempt, type Delivery } from "../delivery/delivery.ts";
import { expectAttempt, placeAttempt, type SchedulePlace } from "../kinde/expected-attempts.ts";
import { retrySchedule, type RetrySchedule } from "../kinde/retry-schedule.ts";
import type { LadderStep } from "./protocol.ts";

export interface LadderOptions {
  /** By which we attempt again ourselves. */
  readonly schedule: RetrySchedule;
  /** Whether the sender is Kinde, which tries again by its own schedule. */
  readonly isKindes: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function createLadder(delivery: Delivery, options: LadderOptions): readonly LadderStep[] {
  const done = delivery.attempts.map(stepOf);
  if (delivery.state !== "pending") return done;
  const isOurs = delivery.direction !== "relayed" || delivery.isShielded === true;
  return [...done, ...(isOurs ? plan(delivery, options) : expect(delivery, options))];
}

function stepOf({ number, startedAt, status }: Attempt): LadderStep {
  return { number, at: startedAt, state: "done", status, isAbout: false };
}

/** What we do ourselves. */
function plan(delivery: Delivery, { schedule }: LadderOptions): LadderStep[] {
  const { attempts, createdAt, nextAttemptAt } = delivery;
  const made = attempts.at(-1)?.number ?? 0;
  const next = Date.parse(nextAttemptAt ?? createdAt);
  // Before the first answer nobody knows whether it is attempted but once, and a body that is cut goes out twice at once.
  if (made === 0 || delivery.fault !== undefined) return stepsFrom(made + 1, [next], false);
  // `--speed` shortens all waits alike.
  const dueAfterMs = schedule[made] ?? 0;
  const scale = dueAfterMs > 0 ? Math.max(next - changedAt(delivery), 0) / dueAfterMs : 1;
  return stepsFrom(made + 1, addUp(next, schedule.slice(made + 1), scale), false);
}

/** What Kinde is to be expected to do. Of a copy it does not hear. */
function expect(delivery: Delivery, { isKindes, now }: LadderOptions): LadderStep[] {
  const latest = delivery.attempts.at(-1);
  // What it makes of a 2xx that is not 200 is not known.
  const isPerhapsTaken = latest?.status?.toString().startsWith("2") === true;
  const place = placeOf(delivery);
  if (latest === undefined || place === undefined) return [];
  if (!isKindes || delivery.isCopy === true || isPerhapsTaken) return [];
  const next = expectAttempt(place, now);
  if (next === undefined) return [];
  // As many as lie behind the next one.
  const dueAt = addUp(place.endedAt, retrySchedule.slice(place.attempt), 1).slice(1);
  return stepsFrom(
    latest.number + 1,
    dueAt.filter((at) => at >= next),
    true,
  );
}

/** Where Kinde stands in its schedule after all attempts that were seen. */
function placeOf({ attempts, event }: Delivery): SchedulePlace | undefined {
  const eventAt = event === null ? undefined : Date.parse(event.timestamp);
  let place: SchedulePlace | undefined;
  for (const { startedAt, durationMs } of attempts) {
    const start = Date.parse(startedAt);
    place = placeAttempt({ startedAt: start, endedAt: start + durationMs }, place, eventAt);
  }
  return place;
}

/** The first moment, and those after it by the delays between. */
function addUp(first: number, delaysMs: RetrySchedule, scale: number): number[] {
  const moments = [first];
  for (const delayMs of delaysMs) moments.push(moments.at(-1)! + delayMs * scale);
  return moments;
}

function stepsFrom(number: number, moments: readonly number[], isAbout: boolean): LadderStep[] {
  return moments.map((at, index) => ({
    number: number + index,
    at: new Date(Math.round(at)).toISOString(),
    state: index === 0 ? "next" : "planned",
    status: null,
    isAbout,
  }));
}
