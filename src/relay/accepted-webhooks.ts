/** Which webhooks were taken over for which endpoint, so that what their sender repeats is not delivered again. */
import type { Delivery, DeliveryOrder } from "../delivery/delivery.ts";

/** What names a webhook at an endpoint. */
type Name = Pick<DeliveryOrder, "webhookId" | "endpoint">;

export interface AcceptedWebhook {
  readonly state: "pending" | "delivered";
  /** Settled when it is kept, or could not be. */
  readonly kept: Promise<void>;
}

export interface AcceptedWebhooks {
  find(name: Name): AcceptedWebhook | undefined;
  /** @param kept rejected when it can't be kept: then it was never taken */
  add(delivery: Delivery, kept: Promise<void>): void;
  /** Follows its state: one that has failed is known no more. */
  change(delivery: Delivery): void;
}

// Kinde repeats what it was not answered for; long after that nobody asks.
const rememberedDelivered = 10_000;

export function createAcceptedWebhooks(): AcceptedWebhooks {
  const pending = new Map<string, AcceptedWebhook>();
  const delivered = new Map<string, AcceptedWebhook>();
  const remember = (key: string): void => {
    delivered.set(key, { state: "delivered", kept: Promise.resolve() });
    const [oldest] = delivered.keys();
    if (delivered.size > rememberedDelivered && oldest !== undefined) delivered.delete(oldest);
  };
  return {
    find: (name) => {
      const key = keyOf(name);
      return key === undefined ? undefined : (pending.get(key) ?? delivered.get(key));
    },
    add: (delivery, kept) => {
      const key = keyOf(delivery);
      if (key === undefined) return;
      pending.set(key, { state: "pending", kept });
      kept.catch(() => pending.delete(key));
    },
    change: (delivery) => {
      const key = keyOf(delivery);
      if (key === undefined || delivery.state === "pending") return;
      pending.delete(key);
      if (delivery.state === "delivered") remember(key);
    },
  };
}

/** `undefined` without a webhook-id: then nobody can tell a repeat from another event. */
function keyOf({ webhookId, endpoint }: Name): string | undefined {
  return webhookId === null ? undefined : `${webhookId} ${endpoint}`;
}
