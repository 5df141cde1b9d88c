/** Which deliveries a filter means when they are to be sent again. */
import type { Delivery } from "../delivery/delivery.ts";
import { createQuery, type DeliveryFilter } from "./delivery-filter.ts";
import type { History } from "./history.ts";

/** What was found. */
export interface ForReplay {
  /** The oldest first, as they came. */
  readonly deliveries: readonly Delivery[];
  /** Whether there are older ones beyond the limit. */
  readonly hasMore: boolean;
}

/**
 * The latest deliveries that a filter wants, one of each event at an endpoint: its latest. What was not delivered and
 * has been since, by a replay, is not found by its `state`; else each replay of what failed would find more than the last.
 * @param to the endpoint that all of it is for, where that is not the one it had
 */
export async function findForReplay(
  history: History,
  filter: DeliveryFilter,
  limit: number,
  to?: string,
): Promise<ForReplay> {
  const { where = () => true, containing, ...query } = createQuery(filter);
  const isUndelivered = filter.state !== undefined && filter.state !== "delivered";
  // What settles a delivery need not be one that is wanted.
  const read = isUndelivered || containing === undefined ? query : { ...query, containing };
  const settled = new Set<string>();
  const found: Delivery[] = [];
  for await (const delivery of history.read(read)) {
    const key = keyOf(delivery, delivery.endpoint);
    const sentKey = keyOf(delivery, to ?? delivery.endpoint);
    if (settled.has(key) || settled.has(sentKey)) continue;
    if (where(delivery)) {
      if (found.length === limit) return { deliveries: found.toReversed(), hasMore: true };
      settled.add(key).add(sentKey);
      found.push(delivery);
    } else if (isUndelivered && delivery.state === "delivered") settled.add(key);
  }
  return { deliveries: found.toReversed(), hasMore: false };
}

function keyOf({ id, event }: Delivery, endpoint: string): string {
  return `${event?.id ?? id} ${endpoint}`;
}
