/** The deliveries of one mock, in the order in which they were created, and whoever waits for one. */
import type { Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";

export interface DeliveryRecord extends History {
  /** The newest 10,000, oldest first. */
  all(): readonly Delivery[];
  /**
   * The first delivery that is wanted, of those there are or of those to come.
   * @throws the signal's reason when it comes first, and whatever `isWanted` throws
   */
  find(isWanted: (delivery: Delivery) => boolean, signal: AbortSignal): Promise<Delivery>;
  clear(): void;
}

const capacity = 10_000;

export function createDeliveryRecord(): DeliveryRecord {
  const deliveries = new Map<string, Delivery>();
  const watchers = new Set<(delivery: Delivery) => void>();
  const all = (): Delivery[] => [...deliveries.values()];
  return {
    all,
    append: (delivery) => {
      // A newer state keeps the place of the older one.
      deliveries.set(delivery.id, delivery);
      const [oldest] = deliveries.keys();
      if (deliveries.size > capacity && oldest !== undefined) deliveries.delete(oldest);
      for (const watch of watchers) watch(delivery);
      return Promise.resolve();
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
    clear: () => deliveries.clear(),
    get: (id) => Promise.resolve(deliveries.get(id)),
    list: ({ limit, where = () => true }) => Promise.resolve(all().reverse().filter(where).slice(0, limit)),
    close: () => Promise.resolve(),
  };
}
