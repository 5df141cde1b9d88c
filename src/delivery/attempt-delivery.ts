/** One attempt to bring a delivery's event to its endpoint. */
import { createFaultyRequest, type FaultyRequest } from "../kinde/faulty-request.ts";
import { createWebhookRequest } from "../kinde/webhook.ts";
import type { Clock } from "./clock.ts";
import { isToBeCut, type Attempt, type Delivery } from "./delivery.ts";
import { send } from "./send.ts";

/** How long an app may take for its answer. Kinde documents no such time. */
export const defaultTimeoutMs = 30_000;

/** Whose requests these are. Kinde documents none. */
export const userAgent: string = `kinde-devhook/${__VERSION__}`;

export interface AttemptOptions {
  /** What the schedule says of the time since the attempt before, in milliseconds. */
  readonly plannedDelayMs: number;
  readonly clock: Clock;
  /** How long the app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Cuts the request off: an attempt with the error `ERR_ABORTED`. */
  readonly signal: AbortSignal;
  /** Takes any certificate of the app. Default: one that is trusted. */
  readonly isInsecure?: boolean;
}

/** Sends the webhook request once. Resolves whatever the app answered. */
export async function attemptDelivery(delivery: Delivery, options: AttemptOptions): Promise<Attempt> {
  const { plannedDelayMs, clock, timeoutMs, signal, isInsecure = false } = options;
  const request = createRequestOf(delivery);
  const outgoing = { ...request, headers: { ...request.headers, "user-agent": userAgent } };
  const { attempt } = await send(new URL(delivery.endpoint), outgoing, {
    number: delivery.attempts.length + 1,
    plannedDelayMs,
    now: clock.now(),
    elapsed: clock.elapsed,
    timeoutMs,
    signal,
    isInsecure,
  });
  return attempt;
}

function createRequestOf(delivery: Delivery): FaultyRequest {
  const { token, webhookId, fault } = delivery;
  return fault === undefined || (fault === "cut-body" && !isToBeCut(delivery))
    ? createWebhookRequest(token, webhookId ?? "")
    : createFaultyRequest(fault, token, webhookId ?? "");
}
