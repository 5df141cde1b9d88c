/** One attempt to bring a delivery's event to its endpoint. */
import { createWebhookRequest } from "../kinde/webhook.ts";
import type { Clock } from "./clock.ts";
import type { Attempt, Delivery } from "./delivery.ts";
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
}

/** Sends the webhook request once. Resolves whatever the app answered. */
export async function attemptDelivery(delivery: Delivery, options: AttemptOptions): Promise<Attempt> {
  const { plannedDelayMs, clock, timeoutMs, signal } = options;
  const { method, headers, body } = createWebhookRequest(delivery.token, delivery.webhookId ?? "");
  const outgoing = { method, headers: { ...headers, "user-agent": userAgent }, body };
  const { attempt } = await send(new URL(delivery.endpoint), outgoing, {
    number: delivery.attempts.length + 1,
    plannedDelayMs,
    now: clock.now(),
    elapsed: clock.elapsed,
    timeoutMs,
    signal,
  });
  return attempt;
}
