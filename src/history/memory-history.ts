import { changedAt, type Delivery } from "../delivery/delivery.ts";
import type { History, HistoryQuery } from "./history.ts";
import { createChangeFeed } from "./change-feed.ts";

/** A history that ends with the process. @param capacity how many deliveries it keeps; the oldest go first */
export function createMemoryHistory(capacity = 10_000): History {
  const feed = createChangeFeed<Delivery>();
  const deliveries = new Map<string, Delivery>();
  const newestFirst = ({ where = () => true, since = -Infinity }: HistoryQuery): Delivery[] =>
    [...deliveries.values()].reverse().filter((delivery) => changedAt(delivery) >= since && where(delivery));
  return {
    append: (delivery) => {
      // The latest change first, as in the file: a newer state takes its place at the end.
      deliveries.delete(delivery.id);
      deliveries.set(delivery.id, delivery);
      const [oldest] = deliveries.keys();
      if (deliveries.size > capacity && oldest !== undefined) deliveries.delete(oldest);
      feed.push(delivery);
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(deliveries.get(id)),
    list: ({ limit, ...query }) => Promise.resolve(newestFirst(query).slice(0, limit)),
    read: async function* (query = {}) {
      yield* newestFirst(query);
    },
    follow: feed.follow,
    clear: () => {
      deliveries.clear();
      feed.clear();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
