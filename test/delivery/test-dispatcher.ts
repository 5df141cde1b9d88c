/** A dispatcher at real servers, by a time that the test moves. */
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { Dispatched, DispatchOptions } from "../../src/delivery/dispatched-job.ts";
import { createDispatcher, type Dispatcher } from "../../src/delivery/dispatcher.ts";
import type { DispatcherOptions } from "../../src/delivery/dispatcher-options.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createHeldScheduleClock, type ScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { sampleDelivery } from "./sample-delivery.ts";

export const start: number = Date.UTC(2026, 0, 2);

export interface TestDispatcher extends Dispatcher, AsyncDisposable {
  readonly time: ScheduleClock;
  /** Every change of every delivery, as it was told. */
  readonly changes: readonly Delivery[];
  /** A new delivery to a URL, with an id of its own. */
  send(endpoint: string, options?: Partial<DispatchOptions>): Dispatched;
  /** The same with the fault `cut-body`. */
  sendCut(endpoint: string, options?: Partial<DispatchOptions>): Dispatched;
}

/** Claims and records go by the time that stands still, as in the library; with a `clock` by that. */
export function createTestDispatcher(options: Partial<DispatcherOptions> = {}): TestDispatcher {
  const { time = createHeldScheduleClock(start) } = options;
  const changes: Delivery[] = [];
  let sent = 0;
  const dispatcher = createDispatcher({
    clock: { ...systemClock, now: time.now },
    time,
    timeoutMs: 20_000,
    onChange: (delivery) => changes.push(delivery),
    ...options,
  });
  const sendAs = (
    members: Partial<Delivery>,
    endpoint: string,
    dispatchOptions: Partial<DispatchOptions> = {},
  ): Dispatched => {
    const id = `dlv_${String(sent++).padStart(32, "0")}`;
    return dispatcher.dispatch(sampleDelivery({ id, endpoint, webhookId: id.slice(4), ...members }), {
      group: endpoint,
      schedule: retrySchedule,
      ...dispatchOptions,
    });
  };
  return {
    ...dispatcher,
    time,
    changes,
    send: (endpoint, dispatchOptions) => sendAs({}, endpoint, dispatchOptions),
    sendCut: (endpoint, dispatchOptions) => sendAs({ fault: "cut-body" }, endpoint, dispatchOptions),
    [Symbol.asyncDispose]: () => dispatcher.close(0),
  };
}
