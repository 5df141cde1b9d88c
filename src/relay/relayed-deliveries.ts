/** Recognises the attempts of one webhook-id: the sender tries again, and it is the same delivery. */
import { deliveryText } from "../delivery/delivery-json.ts";
import {
  abandonedAfterMs,
  abandonIfExpired,
  addRelayedAttempt,
  createDelivery,
  createDeliveryId,
  type Attempt,
  type Delivery,
  type DeliveryOrder,
} from "../delivery/delivery.ts";
import type { Origin } from "../kinde/ids.ts";

/** One attempt that is under way. */
export interface RelayedAttempt {
  /** The delivery without its attempts. */
  delivery(): Delivery;
  /** 1 for the first. */
  readonly number: number;
  /** The delivery with this attempt in it, and those before. */
  end(attempt: Attempt): Promise<Delivery>;
}

export interface RelayedDeliveries {
  begin(order: DeliveryOrder): RelayedAttempt;
  /** Whether this webhook-id was already delivered to this endpoint, or is about to be. */
  needsNoCopy(order: Pick<DeliveryOrder, "webhookId" | "endpoint">): boolean;
  /** Forgets a pending delivery that nobody is at, and gives it back: it is brought to its end in another way. */
  release(order: Pick<DeliveryOrder, "webhookId" | "endpoint">): Delivery | undefined;
  /** Takes up deliveries of an earlier run, the latest last. */
  restore(deliveries: Iterable<Delivery>): void;
  /** The deliveries that their sender has given up since the last call, each once. */
  expire(): readonly Delivery[];
}

interface Known {
  /** Its first attempt, in epoch milliseconds. */
  readonly createdAt: number;
  readonly id: string;
  /** Attempts that have begun. */
  begun: number;
  underWay: number;
  isDelivered: boolean;
  /** As long as attempts are under way. */
  delivery: Delivery | undefined;
  /** The same as JSON when none is: of those that are pending, and the latest that were delivered. */
  text: string | undefined;
}

export interface RelayedDeliveriesOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** For the ids of deliveries. */
  readonly randomBytes: Origin["randomBytes"];
  /** Finds a delivery in the history. */
  readonly recall: (id: string) => Promise<Delivery | undefined>;
}

// Beyond, the oldest are new deliveries if they are tried again.
const capacity = 2_000;
// A delivered one is hardly ever tried again: then it is read from history. Holding all keeps the garbage collector busy.
const deliveredWithText = 64;

export function createRelayedDeliveries({
  now,
  randomBytes,
  recall,
}: RelayedDeliveriesOptions): RelayedDeliveries {
  const known = new Map<string, Known>();
  const delivered: Known[] = [];
  const remember = (key: string, entry: Known): void => {
    // The latest at the end.
    if (entry.begun > 1) known.delete(key);
    known.set(key, entry);
    if (known.size <= capacity) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  };
  /** A history that can't be read costs the earlier attempts, and nothing else. */
  const recallOrNot = async (id: string): Promise<Delivery | undefined> => {
    try {
      // The request to the app goes out first.
      await new Promise((resolve) => setImmediate(resolve));
      return await recall(id);
    } catch {
      return undefined;
    }
  };
  const keepText = (entry: Known, delivery: Delivery): void => {
    entry.text = deliveryText(delivery);
    if (!entry.isDelivered) return;
    delivered.push(entry);
    const oldest = delivered.length > deliveredWithText ? delivered.shift() : undefined;
    if (oldest !== undefined && oldest !== entry) oldest.text = undefined;
  };
  return {
    begin: (order) => {
      const key = keyOf(order);
      const entry =
        (key === undefined ? undefined : known.get(key)) ?? createKnown(createDeliveryId(randomBytes), now());
      entry.begun++;
      entry.underWay++;
      if (key !== undefined) remember(key, entry);
      // While the app is at work.
      const recalling = entry.begun === 1 || hasDelivery(entry) ? undefined : recallOrNot(entry.id);
      const create = (): Delivery => createDelivery(order, entry.id, entry.createdAt);
      return {
        delivery: create,
        number: entry.begun,
        end: async (attempt) => {
          const recalled = await recalling;
          // What was delivered stays that, even where nobody can tell how.
          const state = entry.isDelivered ? "delivered" : "pending";
          const before = readDelivery(entry) ?? recalled ?? { ...create(), state };
          const ended = addRelayedAttempt(withToken(before, order), attempt);
          entry.isDelivered = ended.state === "delivered";
          entry.underWay--;
          entry.delivery = entry.underWay === 0 ? undefined : ended;
          if (entry.underWay === 0) keepText(entry, ended);
          return ended;
        },
      };
    },
    needsNoCopy: (order) => {
      const key = keyOf(order);
      const entry = key === undefined ? undefined : known.get(key);
      return entry !== undefined && (entry.isDelivered || entry.underWay > 0);
    },
    release: (order) => {
      const key = keyOf(order);
      const entry = key === undefined ? undefined : known.get(key);
      const isFree = entry !== undefined && !entry.isDelivered && entry.underWay === 0;
      if (key === undefined || !isFree) return undefined;
      known.delete(key);
      return readDelivery(entry);
    },
    restore: (deliveries) => {
      const ofThisRun = new Set(known.keys());
      for (const delivery of deliveries) {
        const key = keyOf(delivery);
        if (key === undefined || delivery.direction !== "relayed" || ofThisRun.has(key)) continue;
        known.delete(key);
        const isDelivered = delivery.state === "delivered";
        remember(key, {
          ...createKnown(delivery.id, Date.parse(delivery.createdAt)),
          begun: Math.max(0, ...delivery.attempts.map(({ number }) => number)),
          isDelivered,
          text: isDelivered ? undefined : deliveryText(delivery),
        });
      }
    },
    expire: () => {
      const expired: Delivery[] = [];
      for (const [key, entry] of known) {
        const isPending = !entry.isDelivered && entry.underWay === 0;
        if (!isPending || now() < entry.createdAt + abandonedAfterMs) continue;
        known.delete(key);
        const delivery = readDelivery(entry);
        if (delivery !== undefined) expired.push(abandonIfExpired(delivery, now()));
      }
      return expired;
    },
  };
}

/**
 * A delivery that was redacted has its token again: whoever keeps it, or shows it, decides anew what is masked. The
 * attempts of before stay as they are.
 */
function withToken(delivery: Delivery, { token, endpoint }: DeliveryOrder): Delivery {
  if (delivery.isRedacted !== true) return delivery;
  const { isRedacted: _, claims: __, ...rest } = delivery;
  return { ...rest, token, endpoint };
}

function createKnown(id: string, createdAt: number): Known {
  return { id, createdAt, begun: 0, underWay: 0, isDelivered: false, delivery: undefined, text: undefined };
}

function hasDelivery({ delivery, text }: Known): boolean {
  return delivery !== undefined || text !== undefined;
}

function readDelivery({ delivery, text }: Known): Delivery | undefined {
  return delivery ?? (text === undefined ? undefined : (JSON.parse(text) as Delivery));
}

/** `undefined` without a webhook-id: then nobody can tell a second attempt from another event. */
function keyOf({ webhookId, endpoint }: Pick<DeliveryOrder, "webhookId" | "endpoint">): string | undefined {
  return webhookId === null ? undefined : `${webhookId} ${endpoint}`;
}
