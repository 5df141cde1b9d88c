/** Relayed deliveries beyond one run of the tunnel: taken up again, and given up after 36 h. */
import type { Clock } from "../delivery/clock.ts";
import { abandonedAfterMs, type Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import type { KindeOutlook } from "../relay/kinde-outlook.ts";
import type { RelayedDeliveries } from "../relay/relayed-deliveries.ts";

export interface RelayedOverTimeOptions {
  readonly history: History;
  readonly clock: Clock;
  readonly listener: {
    readonly keep: (delivery: Delivery) => void;
    readonly onAbandoned: (delivery: Delivery) => void;
  };
}

const expireEveryMs = 10 * 60 * 1000;
const restoredLimit = 2_000;

/**
 * Kinde tries for 36 hours: a tunnel that was started anew goes on counting.
 * @returns those that it has found, the latest last
 */
export async function restoreDeliveries(
  deliveries: RelayedDeliveries,
  outlook: Pick<KindeOutlook, "restore">,
  { history, clock, listener }: RelayedOverTimeOptions,
): Promise<readonly Delivery[]> {
  const oldestEnded = clock.now() - 2 * abandonedAfterMs;
  const recent = await history.list({
    limit: restoredLimit,
    where: ({ direction, state, createdAt }) =>
      direction === "relayed" && (state === "pending" || Date.parse(createdAt) > oldestEnded),
  });
  // The latest is to be the last to be forgotten.
  const oldestFirst = recent.toReversed();
  // What was taken over is attempted from here, not by its sender.
  const isSenders = ({ state, isShielded }: Delivery): boolean =>
    state === "delivered" || (state === "pending" && isShielded !== true);
  deliveries.restore(oldestFirst.filter(isSenders));
  outlook.restore(oldestFirst);
  tellExpired(deliveries, listener);
  return oldestFirst;
}

/** Gives up what its sender has given up, now and then. */
export async function expireDeliveries(
  deliveries: RelayedDeliveries,
  { clock, listener }: RelayedOverTimeOptions,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    await clock.wait(expireEveryMs, ended).catch(() => {});
    if (!ended.aborted) tellExpired(deliveries, listener);
  }
}

function tellExpired(
  deliveries: RelayedDeliveries,
  { keep, onAbandoned }: RelayedOverTimeOptions["listener"],
): void {
  for (const delivery of deliveries.expire()) {
    keep(delivery);
    onAbandoned(delivery);
  }
}
