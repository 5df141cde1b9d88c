/** The deliveries of one mock, in the order in which they were created, and whoever waits for one. */
import type { Delivery } from "../delivery/delivery.ts";

export interface DeliveryRecord {
  /** The newest 10,000, oldest first. */
  all(): readonly Delivery[];
  /** Keeps a delivery, or its newer state in the place of the older one. */
  append(delivery: Delivery): void;
  /**
   * The first delivery that is wanted, of those there are or of those to come.
   * @throws the signal's reason when it comes first, and whatever `isWanted` throws
   */
  find(isWanted: (delivery: Delivery) => boolean, signal: AbortSignal): Promise<Delivery>;
}

const capacity = 10_000;

export function createDeliveryRecord(): DeliveryRecord {
  const deliveries = new Map<string, Delivery>();
  // One iterator for all: each new one would have to pass by what has been deleted.
  const oldest = deliveries.keys();
  const watchers = new Set<(delivery: Delivery) => void>();
  // A test may read them by index in a loop: copied once for each change, not for each reading.
  let listed: readonly Delivery[] | undefined;
  const all = (): readonly Delivery[] => (listed ??= Object.freeze([...deliveries.values()]));
  const keep = (delivery: Delivery): void => {
    // One that is attempted after it had to make room stays away.
    const isNew = delivery.state === "pending" && delivery.attempts.length === 0;
    if (!isNew && !deliveries.has(delivery.id)) return;
    // Frozen: a test that changes one would change it for all who read it after.
    Object.freeze(delivery.attempts);
    deliveries.set(delivery.id, Object.freeze(delivery));
    if (deliveries.size > capacity) deliveries.delete(oldest.next().value!);
    listed = undefined;
  };
  return {
    all,
    append: (delivery) => {
      keep(delivery);
      for (const watch of watchers) watch(delivery);
    },
    find: async (isWanted, signal) => {
      signal.throwIfAborted();
      const known = all().find(isWanted);
      if (known !== undefined) return known;
      return await new Promise<Delivery>((resolve, reject) => {
        const end = (): void => {
          watchers.delete(watch);
          signal.removeEventListener("abort", abort);
        };
        const abort = (): void => {
          end();
          reject(signal.reason as Error);
        };
        const watch = (delivery: Delivery): void => {
          try {
            if (!isWanted(delivery)) return;
            resolve(delivery);
          } catch (error) {
            reject(error);
          }
          end();
        };
        watchers.add(watch);
        signal.addEventListener("abort", abort, { once: true });
      });
    },
  };
}
