/** Emitting many events: so many at once, so many a second, until done or stopped. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../delivery/clock.ts";
import type { EventType } from "../kinde/event-data.ts";
import type { Emitted, EmitRequest } from "../mock/mock.ts";
import { createTally, type EmissionSummary } from "./delivery-tally.ts";
import type { Emitter } from "./emitter.ts";

export interface EmissionPlan {
  readonly eventTypes: readonly EventType[];
  /** Rounds through the event types. */
  readonly count: number;
  readonly concurrency: number;
  /** Events begun per second; as fast as the app answers without it. */
  readonly perSecond?: number;
  /** What all events have in common. */
  readonly request: Omit<EmitRequest, "type">;
}

export interface EmissionOptions {
  readonly clock: Clock;
  /** No event is begun after this; those under way come to their end. */
  readonly stop: AbortSignal;
  /** Cuts off what is under way. */
  readonly abort: AbortSignal;
  /** Called for an event that no endpoint wants. */
  readonly onSkipped: (type: EventType) => void;
}

/** What came of a plan. */
export interface Emission {
  readonly summary: EmissionSummary;
  /** What ended it early, if anything did: no event was begun after it. */
  readonly failure: unknown;
}

/** Emits what the plan says, in the order of the event types, round after round. Never throws. */
export async function runEmission(
  emitter: Pick<Emitter, "emit" | "stop">,
  plan: EmissionPlan,
  { clock, stop, abort, onSkipped }: EmissionOptions,
): Promise<Emission> {
  const { eventTypes, count, concurrency, perSecond, request } = plan;
  const total = eventTypes.length * count;
  // Each of those that wait for their turn listens, which is no leak that Node would have to warn of.
  setMaxListeners(0, stop);
  const startedAt = clock.now();
  const tally = createTally();
  let next = 0;
  let nextStart = startedAt;
  const failures: unknown[] = [];
  // Of those that are attempted again; they hold nothing up meanwhile.
  const retried: Promise<void>[] = [];
  const follow = async (emitted: Emitted): Promise<void> => {
    try {
      for (const delivery of await emitted.ended()) tally.add(delivery);
    } catch (error) {
      failures.push(error);
      // The next attempt of the others may be hours away, and would meet the same.
      emitter.stop();
    }
  };

  const work = async (): Promise<void> => {
    while (next < total && !stop.aborted && failures.length === 0) {
      const index = next++;
      if (perSecond !== undefined && !(await waitForTurn(1000 / perSecond))) return;
      const type = eventTypes[index % eventTypes.length]!;
      const emitted = await emitter.emit({ ...request, type }, abort);
      if (emitted.deliveries.length === 0 && !abort.aborted) onSkipped(type);
      if (emitted.deliveries.some(({ state }) => state === "pending")) retried.push(follow(emitted));
      else for (const delivery of emitted.deliveries) tally.add(delivery);
    }
  };
  /** Turns lie an interval apart; one that was late does not bring the next ones nearer. @returns false when stopped first */
  const waitForTurn = async (intervalMs: number): Promise<boolean> => {
    const start = Math.max(nextStart, clock.now());
    nextStart = start + intervalMs;
    try {
      await clock.wait(start - clock.now(), stop);
      return true;
    } catch (error) {
      if (stop.aborted) return false;
      throw error;
    }
  };

  const workUntilFailure = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, workUntilFailure));
  if (stop.aborted || failures.length > 0) emitter.stop();
  else stop.addEventListener("abort", emitter.stop, { once: true });
  await Promise.all(retried);
  return { summary: tally.summarize(clock.now() - startedAt), failure: failures[0] };
}
