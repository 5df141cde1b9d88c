import type { AttemptOptions } from "./attempt-delivery.ts";
import type { Clock } from "./clock.ts";
import type { Attempt, Delivery, FailedReason } from "./delivery.ts";
import type { ScheduleClock } from "./schedule-clock.ts";

/** What a dispatcher works by. */
export interface DispatcherOptions {
  readonly clock: Clock;
  /** By what retries fall due. */
  readonly time: ScheduleClock;
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Called when a delivery is taken on, and at each change of it.
   * @param isOnce whether its schedule has one attempt alone
   */
  readonly onChange?: ((delivery: Delivery, isOnce: boolean) => void) | undefined;
  /** Called after each attempt but a cut-off one. A reason ends a failed delivery, whatever its schedule has left. */
  readonly judge?: ((group: string, isDelivered: boolean) => FailedReason | undefined) | undefined;
  /**
   * Makes an attempt; `undefined` when the end came before anything was sent, and it stays as it is for another process.
   * Default: it is ours, from the delivery alone.
   */
  readonly attempt?:
    | ((delivery: Delivery, options: AttemptOptions) => Promise<Attempt | undefined>)
    | undefined;
  /** Runs each attempt: where it needs something that may pass from one process to another. What it throws ends the delivery's attempts. */
  readonly around?: (<Result>(work: () => Promise<Result>) => Promise<Result>) | undefined;
  /** What is kept of a delivery in memory until its next attempt. Default: all of it. */
  readonly rest?: ((delivery: Delivery) => Delivery) | undefined;
  /** Whether what is pending at the end stays so, for another process to go on with. Default: it is cancelled. */
  readonly isKept?: boolean | undefined;
}

/** An app that was away for long gets what it missed at once, but not on a thousand connections. */
export const maxRetriesAtOnce = 100;
