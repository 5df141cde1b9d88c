/** A delivery on its way, as the dispatcher has it. */
import { isUserError } from "../kinde/errors.ts";
import type { RetrySchedule } from "../kinde/retry-schedule.ts";
import { abortListenersOf } from "../net/abort-listeners.ts";
import type { Delivery, FailedReason } from "./delivery.ts";

/** What a delivery is attempted by. */
export interface DispatchOptions {
  /** What is called off together: the id of a webhook. */
  readonly group: string;
  readonly schedule: RetrySchedule;
  readonly timeoutMs?: number | undefined;
  /** The status that counts as delivered. Default 200, as for Kinde. */
  readonly expectedStatus?: number | undefined;
  /** Calls the delivery off. */
  readonly signal?: AbortSignal | undefined;
  /** Called in place of the dispatcher's own. */
  readonly onChange?: ((delivery: Delivery) => void) | undefined;
}

/** What comes of a delivery. */
export interface Dispatched {
  /** Resolves after the next attempt, or when there is none. */
  readonly attempted: Promise<Delivery>;
  /** Resolves when it is pending no more, or stays so beyond the dispatcher's end. */
  readonly ended: Promise<Delivery>;
}

export interface Job extends Dispatched {
  delivery: Delivery;
  readonly options: DispatchOptions;
  /** While an attempt is under way. */
  cutOff: AbortController | undefined;
  /** Why it ends after the attempt that is under way. */
  endsWith: FailedReason | undefined;
  /** Tells who waits that an attempt has been made. */
  readonly tellAttempted: () => void;
  /** Tells who waits that nothing more is done here. */
  readonly tellEnded: () => void;
  /** Tells who waits of an error that is no failure of the app's. */
  readonly tellError: (error: unknown) => void;
}

/** @param onAbort called when the signal of the options aborts before it has ended */
export function createJob(delivery: Delivery, options: DispatchOptions, onAbort: (job: Job) => void): Job {
  const attempted = createResolvers();
  const ended = createResolvers();
  const abort = (): void => onAbort(job);
  const others = options.signal === undefined ? undefined : abortListenersOf(options.signal);
  others?.add(abort);
  let isAttempted = false;
  const job: Job = {
    delivery,
    options,
    cutOff: undefined,
    endsWith: undefined,
    attempted: attempted.promise,
    ended: ended.promise,
    tellAttempted: () => {
      isAttempted = true;
      attempted.resolve(job.delivery);
    },
    tellEnded: () => {
      others?.delete(abort);
      job.tellAttempted();
      ended.resolve(job.delivery);
    },
    tellError: (error) => {
      others?.delete(abort);
      attempted.reject(error);
      ended.reject(error);
      // A bug of ours must not vanish because nobody hears of a retry.
      if (!isAttempted || isUserError(error)) return;
      queueMicrotask(() => {
        throw error;
      });
    },
  };
  return job;
}

interface Resolvers {
  readonly promise: Promise<Delivery>;
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: unknown) => void;
}

function createResolvers(): Resolvers {
  let resolve!: Resolvers["resolve"];
  let reject!: Resolvers["reject"];
  const promise = new Promise<Delivery>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Not everybody waits for both of a job's.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
