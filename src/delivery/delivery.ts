/** A delivery, its attempts, and how its state changes. The records of history and `--json` are these objects. */
import type { ReceivedEvent } from "../kinde/events.ts";
import type { FaultName } from "../kinde/faults.ts";
import type { Origin } from "../kinde/ids.ts";
import type { JsonObject } from "../kinde/json.ts";
import type { Verification } from "../kinde/verify.ts";
import { judgeAnswers, type Verdict } from "./verdict.ts";

/** The whole effort to bring one event to one endpoint. Times are ISO 8601 UTC. */
export interface Delivery {
  /** `dlv_` and 32 hex. */
  readonly id: string;
  readonly direction: "relayed" | "emitted" | "replayed";
  /** The value of the `webhook-id` header. */
  readonly webhookId: string | null;
  readonly endpoint: string;
  readonly event: DeliveredEvent | null;
  readonly token: string;
  readonly verification: Verification;
  readonly state: "pending" | "delivered" | "failed";
  /** When the next attempt is due, or was if it is under way; `null` when there is none but the first. */
  readonly nextAttemptAt: string | null;
  readonly failedReason: FailedReason | null;
  readonly createdAt: string;
  readonly attempts: readonly Attempt[];
  /** Of a replayed one: the id of the delivery that it was made of. */
  readonly replayOf?: string;
  /** Relayed to one endpoint more: the sender hears nothing of it, and does not try again for its sake. */
  readonly isCopy?: true;
  /** Its sender was answered 200 when it came: it is tried again from here. Absent when it was not. */
  readonly isShielded?: true;
  /** Personal values are masked in it and its token is not kept, which is empty then (`--redact`). Absent when not. */
  readonly isRedacted?: true;
  /** Of a redacted one, what its token said, masked. */
  readonly claims?: JsonObject;
  /** What is wrong with it on purpose; absent when nothing is. */
  readonly fault?: FaultName;
  /** Of one with a fault that has ended: whether the answers were those of a correct handler. */
  readonly verdict?: Verdict;
}

/**
 * Why a delivery has failed for good: the schedule has no attempt left, its webhook was disabled, it was cut off, taken
 * over or its webhook removed, its sender gave it up long ago, or its one attempt was not answered as wanted.
 */
export type FailedReason = "exhausted" | "disabled" | "cancelled" | "abandoned" | "not_delivered";

/** What a delivery tells of its event; the rest is in the token. */
export interface DeliveredEvent {
  readonly type: string;
  readonly id: string;
  /** `null` when the event says nothing of it. */
  readonly source: string | null;
  readonly timestamp: string;
}

/** One HTTP request of a delivery. */
export interface Attempt {
  /** 1 for the first; 2… are retries. */
  readonly number: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly plannedDelayMs: number;
  /** How long it was held before that for an app that did not listen; absent when it was not. */
  readonly heldMs?: number;
  /** How long it waited before that for its turn (`--concurrency`); absent when it did not. */
  readonly queuedMs?: number;
  readonly status: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly response: {
    readonly headers: Readonly<Record<string, string>>;
    /** The first 64 KiB, as UTF-8. */
    readonly body: string;
    readonly truncated: boolean;
  } | null;
}

/** Kinde counts only 200 as delivered. Other senders take any 2xx; we follow Kinde. */
export const deliveredStatus = 200;

/** What a delivery starts from. */
export interface DeliveryOrder {
  readonly direction: Delivery["direction"];
  readonly endpoint: string;
  readonly webhookId: string | null;
  readonly token: string;
  /** `null` when what was relayed is no event (`--allow-unverified`). */
  readonly event: Pick<ReceivedEvent, "type" | "event_id" | "timestamp" | "source"> | null;
  readonly verification: Verification;
  readonly replayOf?: string;
  readonly isCopy?: boolean;
  readonly isShielded?: boolean;
  readonly fault?: FaultName | undefined;
}

/** `dlv_` and 32 hex. */
export function createDeliveryId(randomBytes: Origin["randomBytes"]): string {
  return `dlv_${Buffer.from(randomBytes(16)).toString("hex")}`;
}

/**
 * A new delivery, not yet attempted.
 * @param now epoch milliseconds
 */
export function createDelivery(order: DeliveryOrder, id: string, now: number): Delivery {
  return {
    id,
    direction: order.direction,
    webhookId: order.webhookId,
    endpoint: order.endpoint,
    event: order.event === null ? null : summarizeEvent(order.event),
    token: order.token,
    verification: order.verification,
    state: "pending",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: new Date(now).toISOString(),
    attempts: [],
    ...(order.replayOf !== undefined && { replayOf: order.replayOf }),
    ...(order.isCopy === true && { isCopy: true }),
    ...(order.isShielded === true && { isShielded: true }),
    ...(order.fault !== undefined && { fault: order.fault }),
  };
}

/** What comes after an attempt that was not the last, or how it was the last. */
export type Outcome =
  | { readonly state: "delivered" }
  | { readonly state: "failed"; readonly failedReason: FailedReason }
  /** Epoch milliseconds. */
  | { readonly state: "pending"; readonly nextAttemptAt: number };

/** The delivery after one more attempt. */
export function addAttempt(delivery: Delivery, attempt: Attempt, outcome: Outcome): Delivery {
  return withOutcome(delivery, [...delivery.attempts, attempt], outcome);
}

/** A pending delivery that ends without another attempt. */
export function endDelivery(delivery: Delivery, failedReason: FailedReason): Delivery {
  return withOutcome(delivery, delivery.attempts, { state: "failed", failedReason });
}

// Copied once, not once for the attempts and again for the state: a copy of a copy of a frozen object gets, in V8, a shape
// of its own, and a fifth of the memory of many deliveries was their shapes.
function withOutcome(delivery: Delivery, attempts: readonly Attempt[], outcome: Outcome): Delivery {
  return {
    ...delivery,
    attempts,
    state: outcome.state,
    nextAttemptAt: outcome.state === "pending" ? new Date(outcome.nextAttemptAt).toISOString() : null,
    failedReason: outcome.state === "failed" ? outcome.failedReason : null,
    ...(delivery.fault !== undefined && isAnswered(outcome) && { verdict: judge(delivery.fault, attempts) }),
  };
}

/** Whether it came to its own end; one that was called off has shown nothing. */
function isAnswered(outcome: Outcome): boolean {
  return (
    outcome.state === "delivered" || (outcome.state === "failed" && outcome.failedReason === "not_delivered")
  );
}

function judge(fault: FaultName, attempts: readonly Attempt[]): Verdict {
  return judgeAnswers(
    fault,
    attempts.map(({ status }) => status),
  );
}

/** Whether it is sent in half now, for the whole to follow. */
export function isToBeCut({ fault, attempts }: Delivery): boolean {
  return fault === "cut-body" && attempts.length === 0;
}

// A record holds all of its attempts, and is written anew with each: unbounded, one webhook-id could fill the history.
const keptAttempts = 20;

/**
 * A relayed delivery after one more attempt: the sender decides whether there is another, so that one which was
 * not answered 200 stays pending. Attempts stand in the order of their numbers, whichever ended first; of more than
 * 20 the first and the latest are kept.
 */
export function addRelayedAttempt(delivery: Delivery, attempt: Attempt): Delivery {
  const isDelivered = delivery.state === "delivered" || attempt.status === deliveredStatus;
  const attempts = [...delivery.attempts, attempt].sort((a, b) => a.number - b.number);
  if (attempts.length > keptAttempts) attempts.splice(1, attempts.length - keptAttempts);
  return {
    ...delivery,
    attempts,
    state: isDelivered ? "delivered" : "pending",
    // An attempt that ends after the delivery was given up says that it was not.
    failedReason: null,
  };
}

/** Kinde tries for about 36 hours: whatever was not delivered by then never will be. */
export const abandonedAfterMs: number = 36 * 60 * 60 * 1000;

/** When a delivery was last heard of: the end of its latest attempt, or its beginning. Epoch milliseconds. */
export function changedAt({ createdAt, attempts }: Pick<Delivery, "createdAt" | "attempts">): number {
  const latest = attempts.at(-1);
  return latest === undefined ? Date.parse(createdAt) : Date.parse(latest.startedAt) + latest.durationMs;
}

/** Whether nothing has come of a delivery yet. */
export function isUntouched({ state, attempts }: Delivery): boolean {
  return state === "pending" && attempts.length === 0;
}

/** Whether something has come of a delivery that is to be looked up later: not of one begun, nor of half a request. */
export function isToBeKept({ state, attempts, fault }: Delivery): boolean {
  return state !== "pending" || (attempts.length > 0 && fault === undefined);
}

/** Whether a delivery is so old that its sender has given it up. */
export function isExpired({ createdAt }: Delivery, now: number): boolean {
  return now - Date.parse(createdAt) >= abandonedAfterMs;
}

/** A relayed delivery that its sender has given up by now, or the same one when it has not. */
export function abandonIfExpired(delivery: Delivery, now: number): Delivery {
  return delivery.state === "pending" && isExpired(delivery, now)
    ? endDelivery(delivery, "abandoned")
    : delivery;
}

function summarizeEvent({
  type,
  event_id,
  source,
  timestamp,
}: NonNullable<DeliveryOrder["event"]>): DeliveredEvent {
  return { type, id: event_id, source: typeof source === "string" ? source : null, timestamp };
}
