/** What a tunnel tells, and keeps, without what is personal (`--redact`): all of it passes here. */
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import { redactDelivery } from "../delivery/redact-delivery.ts";
import { maskPatterns } from "../kinde/text-mask.ts";
import type { TunnelListener } from "./start-tunnel-options.ts";

/** The listener as it hears of redacted deliveries alone. The app, and what is to be tried again, has the real ones. */
export function redactListener(listener: TunnelListener): TunnelListener {
  return {
    ...listener,
    onBegin: (attempt) => {
      // While the app is at work: nearly all of it is the work of an event's first.
      setImmediate(() => redactDelivery(attempt.delivery()));
      listener.onBegin({ ...attempt, delivery: () => redactDelivery(attempt.delivery()) });
    },
    keep: (delivery) => listener.keep(redactDelivery(delivery)),
    onEnd: (delivery, attempt, isCopy, expected) => {
      listener.onEnd(redactDelivery(delivery), redactAttempt(attempt, delivery), isCopy, expected);
    },
    onAbandoned: (delivery) => listener.onAbandoned(redactDelivery(delivery)),
    // What is not let in is no event that anything is known of.
    onRefused: (refused) =>
      listener.onRefused({
        ...refused,
        reason: maskPatterns(refused.reason),
        path: refused.path === null ? null : maskPatterns(refused.path),
      }),
    onTaken: (delivery) => listener.onTaken?.(redactDelivery(delivery)),
    onShielded: (delivery) => listener.onShielded(redactDelivery(delivery)),
    onResume: (deliveries) => listener.onResume(deliveries.map(redactDelivery)),
    onFailure: (error) => listener.onFailure(maskError(error)),
  };
}

/** The same attempt as the delivery's own; of very many it has not kept all. */
function redactAttempt(attempt: Attempt, delivery: Delivery): Attempt {
  const index = delivery.attempts.indexOf(attempt);
  const redacted = redactDelivery(index === -1 ? { ...delivery, attempts: [attempt] } : delivery);
  return redacted.attempts[Math.max(index, 0)]!;
}

function maskError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const masked = new Error(maskPatterns(error.message));
  masked.stack = maskPatterns(error.stack ?? error.message);
  return masked;
}
