/** One delivery from its first attempt to its end. */
import { createWebhookRequest } from "../kinde/webhook.ts";
import type { Clock } from "./clock.ts";
import { deliveredStatus, endWithAttempt, type Delivery } from "./delivery.ts";
import { send } from "./send.ts";

/** How long an app may take for its answer. Kinde documents no such time. */
export const defaultTimeoutMs = 30_000;

/** Whose requests these are. Kinde documents none. */
export const userAgent: string = `kinde-devhook/${__VERSION__}`;

export interface DeliverOptions {
  readonly clock: Clock;
  /** How long the app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The status that counts as delivered. Default 200, as for Kinde. */
  readonly expectedStatus?: number;
  /** Cancels the request under way. */
  readonly signal?: AbortSignal;
  /** Called when the attempt begins, with no attempt yet, and when it has ended. */
  readonly onChange?: (delivery: Delivery) => void;
}

/** Delivers once, without retries. Resolves with the ended delivery, whatever the app answered. */
export async function deliver(delivery: Delivery, options: DeliverOptions): Promise<Delivery> {
  const { clock, timeoutMs, expectedStatus = deliveredStatus, signal, onChange } = options;
  onChange?.(delivery);
  const { method, headers, body } = createWebhookRequest(delivery.token, delivery.webhookId ?? "");
  const outgoing = { method, headers: { ...headers, "user-agent": userAgent }, body };
  const { attempt } = await send(new URL(delivery.endpoint), outgoing, {
    number: delivery.attempts.length + 1,
    plannedDelayMs: 0,
    now: clock.now(),
    elapsed: clock.elapsed,
    timeoutMs,
    ...(signal !== undefined && { signal }),
  });
  const ended = endWithAttempt(delivery, attempt, expectedStatus);
  onChange?.(ended);
  return ended;
}
