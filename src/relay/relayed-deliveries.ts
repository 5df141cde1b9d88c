/** Recognises the attempts of one webhook-id: the sender tries again, and it is the same delivery. */
import {
  abandonIfExpired,
  addRelayedAttempt,
  createDelivery,
  type Attempt,
  type Delivery,
  type DeliveryOrder,
} from "../delivery/delivery.ts";
import type { Origin } from "../kinde/ids.ts";

/** One attempt that is under way. */
export interface RelayedAttempt {
  /** As it is before this attempt. */
  readonly delivery: Delivery;
  /** 1 for the first. */
  readonly number: number;
  /** The delivery with this attempt in it. */
  end(attempt: Attempt): Delivery;
}

export interface RelayedDeliveries {
  begin(order: DeliveryOrder): RelayedAttempt;
  /** Whether this webhook-id was already delivered to this endpoint. */
  isDelivered(order: Pick<DeliveryOrder, "webhookId" | "endpoint">): boolean;
  /** Takes up deliveries of an earlier run. */
  restore(deliveries: Iterable<Delivery>): void;
  /** The deliveries that their sender has given up since the last call, each once. */
  expire(): readonly Delivery[];
}

interface Known {
  delivery: Delivery;
  begun: number;
}

// Each holds its token and the beginnings of the app's answers; beyond, the oldest are new deliveries if tried again.
const capacity = 2_000;

/** @param randomBytes for the ids of deliveries */
export function createRelayedDeliveries(
  now: () => number,
  randomBytes: Origin["randomBytes"],
): RelayedDeliveries {
  const known = new Map<string, Known>();
  const remember = (key: string, entry: Known): void => {
    // The latest at the end.
    known.delete(key);
    known.set(key, entry);
    if (known.size <= capacity) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  };
  return {
    begin: (order) => {
      const key = keyOf(order);
      const entry = (key === undefined ? undefined : known.get(key)) ?? {
        delivery: createDelivery(order, { now: now(), randomBytes }),
        begun: 0,
      };
      entry.begun++;
      if (key !== undefined) remember(key, entry);
      return {
        delivery: entry.delivery,
        number: entry.begun,
        end: (attempt) => (entry.delivery = addRelayedAttempt(entry.delivery, attempt)),
      };
    },
    isDelivered: (order) => {
      const key = keyOf(order);
      return key !== undefined && known.get(key)?.delivery.state === "delivered";
    },
    restore: (deliveries) => {
      for (const delivery of deliveries) {
        const key = keyOf(delivery);
        if (key === undefined || delivery.direction !== "relayed" || known.has(key)) continue;
        const begun = Math.max(0, ...delivery.attempts.map(({ number }) => number));
        remember(key, { delivery, begun });
      }
    },
    expire: () => {
      const expired: Delivery[] = [];
      for (const [key, { delivery }] of known) {
        const abandoned = abandonIfExpired(delivery, now());
        if (abandoned === delivery) continue;
        known.delete(key);
        expired.push(abandoned);
      }
      return expired;
    },
  };
}

/** `undefined` without a webhook-id: then nobody can tell a second attempt from another event. */
function keyOf({ webhookId, endpoint }: Pick<DeliveryOrder, "webhookId" | "endpoint">): string | undefined {
  return webhookId === null ? undefined : `${webhookId} ${endpoint}`;
}
