/** Pending deliveries: attempted when they are due, until they are delivered, have failed for good, or are called off. */
import { isUserError } from "../kinde/errors.ts";
import { delayBefore } from "../kinde/retry-schedule.ts";
import { createAlarm } from "./alarm.ts";
import { attemptDelivery } from "./attempt-delivery.ts";
import { settleWithin } from "./clock.ts";
import {
  addAttempt,
  deliveredStatus,
  endDelivery,
  isToBeCut,
  type Attempt,
  type Delivery,
  type FailedReason,
  type Outcome,
} from "./delivery.ts";
import { createJob, type Dispatched, type DispatchOptions, type Job } from "./dispatched-job.ts";
import { maxRetriesAtOnce, type DispatcherOptions } from "./dispatcher-options.ts";
import { createQueue } from "./queue.ts";

export interface Dispatcher {
  /** Attempts a new delivery at once, and again by its schedule. */
  dispatch(delivery: Delivery, options: DispatchOptions): Dispatched;
  /** Goes on with a pending delivery when its next attempt is due. */
  resume(delivery: Delivery, options: DispatchOptions): Dispatched;
  /** Those that wait for an attempt, or are at one. */
  pending(): readonly Delivery[];
  /** What comes of a pending delivery in the end; `undefined` for any other. */
  untilEnded(deliveryId: string): Promise<Delivery> | undefined;
  /** Calls off all of a group; those at an attempt after it. */
  endGroup(group: string, reason: FailedReason): void;
  /** Cuts off and calls off everything; resolves when all has ended. */
  cancel(): Promise<void>;
  /**
   * Moves the time ahead: what falls due meanwhile is attempted, in order, each at its time.
   * Resolves when all of that has been answered; several calls run one after the other.
   */
  advance(ms: number): Promise<void>;
  /** While it is paused what falls due waits; what is under way goes on. */
  setPaused(isPaused: boolean): void;
  /** Begins no attempt any more. What waits is called off, unless it is kept; what is under way goes on. */
  stop(): void;
  /** Stops; what is under way has `graceMs`, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, time, judge, around = (work) => work(), isKept = false } = options;
  const { attempt: attemptOnce = attemptDelivery, rest = (delivery) => delivery } = options;
  const waiting = createQueue<Job>();
  const running = new Map<Job, Promise<void>>();
  const alarm = createAlarm(time, () => runDue());
  let advancing: Promise<void> | undefined;
  let isPaused = false;
  let isStopped = false;
  let isClosed = false;
  /** How often everything was called off: what moves the time ahead then has nothing more to do. */
  let cancellations = 0;

  const report = (job: Job, delivery: Delivery): void =>
    (job.options.onChange ?? options.onChange)?.(delivery, job.options.schedule.length === 1);
  const change = (job: Job, delivery: Delivery): void => {
    job.delivery = rest(delivery);
    report(job, delivery);
    if (delivery.state !== "pending") job.tellEnded();
  };
  const start = (job: Job): void => void running.set(job, attempt(job));
  const startNow = async (job: Job): Promise<void> => {
    start(job);
    await running.get(job);
  };
  const attempt = async (job: Job): Promise<void> => {
    const { schedule, timeoutMs = options.timeoutMs } = job.options;
    const number = job.delivery.attempts.length + 1;
    const isHalf = isToBeCut(job.delivery);
    job.cutOff = new AbortController();
    try {
      const { signal } = job.cutOff;
      const plannedDelayMs = delayBefore(schedule, number) ?? 0;
      const made = await around(() =>
        attemptOnce(job.delivery, { plannedDelayMs, clock, timeoutMs, signal }),
      );
      running.delete(job);
      job.cutOff = undefined;
      if (made === undefined) return enqueue(job, time.now());
      const nextDelayMs = delayBefore(schedule, number + 1);
      const due = nextDelayMs === undefined ? undefined : time.now() + nextDelayMs;
      change(job, addAttempt(job.delivery, made, outcomeOf(job, made, due)));
      job.tellAttempted();
      if (job.delivery.state === "pending") {
        // The whole comes at once: in the queue it would wait for what is moved ahead, which may be waiting for it.
        if (isHalf) return await startNow(job);
        enqueue(job, due ?? time.now());
      }
    } catch (error) {
      running.delete(job);
      // Whoever is told of the error is not to find that it was delivered later.
      if (isUserError(error)) report(job, endDelivery(job.delivery, "cancelled"));
      job.tellError(error);
    }
    runDue();
  };
  /** @param due when the schedule has the next attempt, if it has one */
  const outcomeOf = (job: Job, { status, error }: Attempt, due: number | undefined): Outcome => {
    const { group, schedule, expectedStatus = deliveredStatus } = job.options;
    const isCutOff = error?.code === "ERR_ABORTED";
    const isDelivered = status === expectedStatus;
    const verdict = isCutOff ? undefined : judge?.(group, isDelivered);
    if (isDelivered && !isToBeCut(job.delivery)) return { state: "delivered" };
    const failedReason = job.endsWith ?? verdict;
    if (failedReason !== undefined) return { state: "failed", failedReason };
    const failed = (reason: FailedReason): Outcome => ({ state: "failed", failedReason: reason });
    const pending = (at: number): Outcome => ({
      state: "pending",
      nextAttemptAt: Math.round(time.clockTimeOf(at)),
    });
    const isOnce = schedule.length === 1;
    if (isToBeCut(job.delivery) && !isCutOff) return isStopped ? failed("cancelled") : pending(time.now());
    if (isCutOff) return isKept && !isOnce ? pending(time.now()) : failed("cancelled");
    if (due === undefined) return failed(isOnce ? "not_delivered" : "exhausted");
    return isStopped && !isKept ? failed("cancelled") : pending(due);
  };

  const enqueue = (job: Job, due: number): void => {
    waiting.add(job, due);
    // It is the next process that goes on with it.
    if (isStopped) job.tellEnded();
    else setAlarm();
  };
  /** Begins what is due, in its order. */
  const runDue = (): void => {
    if (advancing !== undefined || isStopped || isPaused) return;
    const now = time.now();
    for (let next = waiting.first(); next !== undefined && next.due <= now; next = waiting.first()) {
      // The next one to end comes here again.
      if (running.size >= maxRetriesAtOnce) return;
      waiting.shift();
      start(next.item);
    }
    setAlarm();
  };
  const setAlarm = (): void =>
    alarm.set(advancing === undefined && !isStopped ? waiting.first()?.due : undefined);

  /** @param isNow whether an attempt under way is cut off, or comes to its end first */
  const callOff = (job: Job, reason: FailedReason, isNow: boolean): void => {
    if (job.cutOff !== undefined) {
      job.endsWith = reason;
      if (isNow) job.cutOff.abort();
    } else if (waiting.remove(job)) {
      change(job, endDelivery(job.delivery, reason));
    }
  };
  const callOffAll = (jobsToEnd: readonly Job[], reason: FailedReason, isNow: boolean): void => {
    for (const job of jobsToEnd) callOff(job, reason, isNow);
    // A timer for what is no more would keep the process alive.
    setAlarm();
  };
  const cutOff = (job: Job): void => callOffAll([job], "cancelled", true);
  const jobs = (): readonly Job[] => [...running.keys(), ...waiting.items()];

  const moveAhead = async (ms: number, isOver: () => boolean): Promise<void> => {
    if (isOver()) return;
    const end = time.now() + ms;
    // What is under way may leave something that falls due meanwhile.
    await Promise.allSettled(running.values());
    for (let next = waiting.first(); next !== undefined && next.due <= end; next = waiting.first()) {
      if (isOver()) return;
      time.moveTo(next.due);
      const rows: Promise<void>[] = [];
      while (rows.length < maxRetriesAtOnce && waiting.first()?.due === next.due) {
        rows.push(runInRow(next.due, isOver));
      }
      await Promise.all(rows);
      await Promise.allSettled(running.values());
    }
    if (!isOver()) time.moveTo(end);
  };
  /** Begins one that is due at this moment when the one before has been answered, until none is left. */
  const runInRow = async (due: number, isOver: () => boolean): Promise<void> => {
    for (let next = waiting.first(); next?.due === due && !isOver(); next = waiting.first()) {
      waiting.shift();
      await startNow(next.item);
    }
  };

  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    setAlarm();
    for (const job of waiting.items()) {
      if (isKept) job.tellEnded();
      else callOff(job, "cancelled", false);
    }
  };
  return {
    dispatch: (delivery, jobOptions) => {
      const job = createJob(delivery, jobOptions, cutOff);
      change(job, delivery);
      start(job);
      if (jobOptions.signal?.aborted) cutOff(job);
      else if (isClosed) job.cutOff?.abort();
      return job;
    },
    resume: (delivery, jobOptions) => {
      const job = createJob(delivery, jobOptions, cutOff);
      const dueAt = delivery.nextAttemptAt === null ? clock.now() : Date.parse(delivery.nextAttemptAt);
      enqueue(job, time.timeAt(Math.max(dueAt, clock.now())));
      return job;
    },
    pending: () => jobs().map(({ delivery }) => delivery),
    untilEnded: (id) => jobs().find(({ delivery }) => delivery.id === id)?.ended,
    endGroup: (group, reason) => {
      const ofGroup = jobs().filter(({ options: { group: own } }) => own === group);
      callOffAll(ofGroup, reason, false);
    },
    cancel: async () => {
      cancellations++;
      callOffAll(jobs(), "cancelled", true);
      await Promise.allSettled(running.values());
    },
    advance: async (ms) => {
      const before = advancing;
      // From now on, not from its turn: what was asked for before everything was called off must not move what comes after.
      const cancelledBefore = cancellations;
      const mine = (async () => {
        await before;
        await moveAhead(ms, () => isStopped || cancellations !== cancelledBefore);
      })();
      advancing = mine;
      setAlarm();
      await mine;
      if (advancing !== mine) return;
      advancing = undefined;
      runDue();
    },
    setPaused: (isNow) => {
      isPaused = isNow;
      runDue();
    },
    stop,
    close: async (graceMs) => {
      stop();
      await settleWithin(running.values(), graceMs, clock);
      isClosed = true;
      for (const job of running.keys()) job.cutOff?.abort();
      await Promise.allSettled(running.values());
    },
  };
}
