/**
 * Takes webhooks over from their sender: what is kept for good is answered 200 at once, and the app gets it from here, as
 * often as it takes.
 */
import type { AttemptOptions } from "../delivery/attempt-delivery.ts";
import type { Clock } from "../delivery/clock.ts";
import { createDelivery, createDeliveryId, type Attempt, type Delivery } from "../delivery/delivery.ts";
import { cutBody } from "../delivery/cut-body.ts";
import { createDispatcher } from "../delivery/dispatcher.ts";
import type { ScheduleClock } from "../delivery/schedule-clock.ts";
import type { send } from "../delivery/send.ts";
import type { PendingFile } from "../history/pending-file.ts";
import type { Origin } from "../kinde/ids.ts";
import { isTexts } from "../kinde/parse-option.ts";
import type { RetrySchedule } from "../kinde/retry-schedule.ts";
import { createAcceptedWebhooks } from "./accepted-webhooks.ts";
import type { Admitted, Refusal } from "./gate.ts";
import { addHeaders, type FlatHeaders } from "./headers.ts";

/** A delivery as it is kept until its end: the headers go to the app as they came, also from the next process. */
export interface Accepted extends Delivery {
  readonly headers: FlatHeaders;
}

export interface ShieldOptions {
  /** Whether webhooks are taken over at all; else what an earlier run has taken is brought to its end. */
  readonly isOn: boolean;
  readonly pending: Pick<PendingFile<Accepted>, "keep" | "commit">;
  /** What an earlier run has left. */
  readonly left: readonly Accepted[];
  /** When the app gets it again. */
  readonly schedule: RetrySchedule;
  readonly clock: Clock;
  readonly time: ScheduleClock;
  readonly randomBytes: Origin["randomBytes"];
  readonly send: typeof send;
  /** Headers of the user's own, for the app. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How long the app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes any certificate of the app. */
  readonly isInsecure: boolean;
  /** How many may wait for the app. Default 10,000. */
  readonly maxWaiting?: number;
  /** Called when a delivery was taken over, before its first attempt. */
  readonly onTaken?: ((delivery: Delivery) => void) | undefined;
  /** Called after each attempt, and when a delivery ends without one. */
  readonly onShielded: (delivery: Delivery) => void;
  /** A bug of ours, in an attempt. */
  readonly onFailure: (error: unknown) => void;
}

/** A webhook that was let in. */
export interface ShieldedWebhook {
  readonly webhookId: string | null;
  /** Where it is to go. */
  readonly endpoints: readonly URL[];
  /** Those that came, for the app. */
  readonly headers: FlatHeaders;
}

/** What becomes of a webhook. */
export type Taken =
  /** It is kept: the app gets it from here. */
  | { readonly state: "accepted" }
  /** The app has it, or gets it, without this request. */
  | { readonly state: "repeated"; readonly reason: string }
  | { readonly state: "refused"; readonly refusal: Refusal }
  /** It is not for the shield. */
  | { readonly state: "passed" };

export interface Shield {
  take(admitted: Admitted, webhook: ShieldedWebhook): Promise<Taken>;
  /** Knows of deliveries of an earlier run that need not be made again. */
  recall(deliveries: readonly Delivery[]): void;
  /** Goes on with what an earlier run has left. */
  resume(): void;
  /** While it is paused webhooks are taken over, and none is brought to the app. */
  setPaused(isPaused: boolean): void;
  /** Those that wait for an attempt, or are at one. */
  pending(): readonly Delivery[];
  /** Begins no attempt any more; what is under way has `graceMs`, then it is cut off, and stays pending. */
  close(graceMs: number): Promise<void>;
}

// Each waits in memory and on disk. Nobody has as many webhooks, but with --allow-unverified anybody may send some.
const maxWaiting = 10_000;
const maxWaitingBytes = 256 << 20;

export function createShield(options: ShieldOptions): Shield {
  const { isOn, pending, schedule, clock, time } = options;
  const accepted = createAcceptedWebhooks();
  const headersOf = new Map<string, FlatHeaders>();
  let waitingBytes = 0;
  const hold = ({ id, token }: Delivery, headers: FlatHeaders): void => {
    headersOf.set(id, headers);
    waitingBytes += token.length;
  };
  const letGo = ({ id, token }: Delivery): void => {
    if (headersOf.delete(id)) waitingBytes -= token.length;
  };
  for (const delivery of options.left) {
    // From a file, which anybody may have edited.
    hold(delivery, isTexts(delivery.headers) ? delivery.headers : []);
    accepted.add(delivery, Promise.resolve());
  }

  const attempt = async (delivery: Delivery, at: AttemptOptions): Promise<Attempt | undefined> => {
    const headers = addHeaders(headersOf.get(delivery.id) ?? [], options.headers);
    // One character a byte, as the gate has read it.
    const outgoing = { method: "POST", headers, body: Buffer.from(delivery.token, "latin1") };
    const { attempt: made, isUnsent } = await options.send(new URL(delivery.endpoint), outgoing, {
      number: delivery.attempts.length + 1,
      plannedDelayMs: at.plannedDelayMs,
      now: clock.now(),
      timeoutMs: at.timeoutMs,
      isInsecure: options.isInsecure,
      signal: at.signal,
    });
    // It has had no attempt: the next process makes it.
    return isUnsent === true && made.error?.code === "ERR_ABORTED" ? undefined : made;
  };
  const change = (delivery: Delivery): void => {
    pending.keep({ ...rest(delivery), headers: headersOf.get(delivery.id) ?? [] });
    accepted.change(delivery);
    if (delivery.state !== "pending") letGo(delivery);
    options.onShielded(delivery);
  };
  const dispatcher = createDispatcher({
    clock,
    time,
    timeoutMs: options.timeoutMs,
    isKept: true,
    attempt,
    rest,
    onChange: change,
  });
  const dispatch = (delivery: Delivery): void => {
    // By the queue, though it is due now: a burst that was answered at once must not become as many connections to the app.
    const { ended } = dispatcher.resume(delivery, { group: delivery.endpoint, schedule });
    ended.catch(options.onFailure);
  };

  const create = (
    { token, event, verification }: Admitted,
    { webhookId, headers }: ShieldedWebhook,
    endpoint: string,
  ): Accepted => {
    const now = clock.now();
    const order = { direction: "relayed", endpoint, webhookId, token, event, verification } as const;
    const delivery = createDelivery(
      { ...order, isShielded: true },
      createDeliveryId(options.randomBytes),
      now,
    );
    return { ...delivery, nextAttemptAt: new Date(now).toISOString(), headers };
  };
  const accept = async (deliveries: readonly Accepted[]): Promise<void> => {
    const kept = pending.commit(deliveries);
    for (const delivery of deliveries) accepted.add(delivery, kept);
    await kept;
    for (const { headers, ...delivery } of deliveries) {
      hold(delivery, headers);
      options.onTaken?.(delivery);
      dispatch(delivery);
    }
  };

  return {
    take: async (admitted, webhook) => {
      const { webhookId } = webhook;
      const endpoints = [...new Set(webhook.endpoints.map(({ href }) => href))];
      const known = endpoints.flatMap((endpoint) => accepted.find({ webhookId, endpoint }) ?? []);
      if (!isOn && known.length < endpoints.length) return { state: "passed" };
      const others = endpoints.filter((endpoint) => accepted.find({ webhookId, endpoint }) === undefined);
      const isFull = headersOf.size >= (options.maxWaiting ?? maxWaiting) || waitingBytes >= maxWaitingBytes;
      if (others.length > 0 && isFull) return { state: "refused", refusal: notKept(tooMany) };
      try {
        // Who repeats it while it is being kept is told the same.
        const all = known.map(({ kept }) => kept);
        if (others.length > 0) all.push(accept(others.map((each) => create(admitted, webhook, each))));
        await Promise.all(all);
      } catch (error) {
        return { state: "refused", refusal: notKept(error) };
      }
      if (others.length > 0) return { state: "accepted" };
      const isPending = known.some(({ state }) => state === "pending");
      const reason = isPending
        ? "a repeat of what Kinde was answered 200 for; your app gets it from here"
        : "a repeat of what your app has had";
      return { state: "repeated", reason };
    },
    recall: (deliveries) => {
      // Of the same webhook one may have failed, or been called off, before that was taken over which is still pending.
      const delivered = deliveries.filter(({ state }) => state === "delivered");
      if (isOn) for (const delivery of delivered) accepted.change(delivery);
    },
    resume: () => {
      // However old: its sender was told 200, and tries it no more.
      for (const { headers: _, ...delivery } of options.left) dispatch(delivery);
    },
    setPaused: dispatcher.setPaused,
    pending: dispatcher.pending,
    close: dispatcher.close,
  };
}

/** As it waits, in memory and on disk: an app that is down for long may answer each of thousands with a page. */
function rest(delivery: Delivery): Delivery {
  return delivery.state === "pending" ? { ...delivery, attempts: delivery.attempts.map(cutBody) } : delivery;
}

const tooMany = "too many wait for the app already";

function notKept(error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error);
  return {
    code: "ERR_NOT_KEPT",
    reason: `it could not be kept, so its sender has to try again: ${why}`,
    status: 503,
  };
}
