/** `run --emit`: waits for the endpoints, and emits to them while the command runs. */
import { runEmission } from "../../app/emission.ts";
import type { RunningMock } from "../../app/open-mock.ts";
import { AppNotListeningError, waitForApp } from "../../app/wait-for-app.ts";
import { systemClock } from "../../delivery/clock.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import { isUserError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import type { Reporter } from "../output/reporter.ts";
import { recordSkipped, tellSkipped } from "../warnings.ts";

export interface RunEmitOptions {
  readonly mock: RunningMock;
  readonly eventTypes: readonly EventType[];
  /** What is to listen first. */
  readonly waitOn: readonly URL[];
  /** Aborted when the command has ended: nothing is waited for or begun any more. */
  readonly ended: AbortSignal;
  /** Called with each delivery that succeeded; of the others the mock tells. */
  readonly onDelivered: (delivery: Delivery) => void;
  readonly reporter: Reporter;
}

const waitOnMs = 60_000;

/** Emits in the order that was asked for. @returns whether every event was delivered */
export async function emitWhileRunning(options: RunEmitOptions): Promise<boolean> {
  const { mock, eventTypes, waitOn, ended, onDelivered, reporter } = options;
  const notEmitted = (message: string): false => {
    reporter.record({ record: "warning", code: "WARN_NOT_EMITTED", message });
    return false;
  };
  try {
    for (const url of waitOn) {
      await waitForApp(url, { limitMs: waitOnMs, clock: systemClock, signal: ended });
    }
  } catch (error) {
    if (error instanceof AppNotListeningError) return notEmitted(error.message);
    if (!ended.aborted) throw error;
    return notEmitted("The command ended before anything listened, so nothing was emitted.");
  }
  const skipped = new Set<EventType>();
  let begun = 0;
  const { summary, failure } = await runEmission(
    {
      emit: async (request, signal) => {
        begun++;
        const { deliveries } = await mock.emit(request, signal);
        for (const delivery of deliveries) if (delivery.state === "delivered") onDelivered(delivery);
        // The first attempt counts: the mock goes on as long as the command runs.
        return { deliveries, ended: () => Promise.resolve(deliveries) };
      },
      stop: () => {},
    },
    { eventTypes, count: 1, concurrency: 1, request: {} },
    {
      clock: systemClock,
      stop: ended,
      // What is under way is the mock's to cut off.
      abort: new AbortController().signal,
      onSkipped: (type) => {
        skipped.add(type);
        recordSkipped(type, reporter);
      },
    },
  );
  tellSkipped(skipped, reporter);
  if (failure !== undefined) {
    if (!isUserError(failure)) throw failure;
    return notEmitted(failure.message);
  }
  if (begun < eventTypes.length) {
    const missed = eventTypes.slice(begun).join(", ");
    return notEmitted(`The command ended before these were emitted: ${missed}.`);
  }
  return summary.failed === 0 && summary.total > 0;
}
