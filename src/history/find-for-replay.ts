/** Which deliveries a filter means when they are to be sent again. */
import type { Delivery } from "../delivery/delivery.ts";
import { createQuery, type DeliveryFilter } from "./delivery-filter.ts";
import { createDigestSet } from "./digest-set.ts";
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
  // What was delivered counts as well, which may be all of the history.
  const settled = createDigestSet();
  const endpointsOf = ({ endpoint }: Delivery): readonly string[] =>
    to === undefined || to === endpoint ? [endpoint] : [endpoint, to];
  /** What it tells of is told of: older deliveries of its event, and what it is a replay of, under another event's id even. */
  const settle = ({ id, event, replayOf }: Delivery, endpoints: readonly string[]): void => {
    for (const endpoint of endpoints) {
      settled.add(`${event?.id ?? id} ${endpoint}`);
      if (isUndelivered && replayOf !== undefined) settled.add(`${replayOf} ${endpoint}`);
    }
  };
  const isSettled = ({ id, event }: Delivery, endpoint: string): boolean =>
    settled.has(`${id} ${endpoint}`) || settled.has(`${event?.id ?? id} ${endpoint}`);
  const found: Delivery[] = [];
  for await (const delivery of history.read(read)) {
    const settledAt = endpointsOf(delivery).filter((endpoint) => isSettled(delivery, endpoint));
    if (settledAt.length > 0) settle(delivery, settledAt);
    else if (where(delivery)) {
      if (found.length === limit) return { deliveries: found.toReversed(), hasMore: true };
      settle(delivery, endpointsOf(delivery));
      found.push(delivery);
    } else if (isUndelivered && delivery.state === "delivered") settle(delivery, [delivery.endpoint]);
  }
  return { deliveries: found.toReversed(), hasMore: false };
}
