/** Relayed deliveries beyond one run of the tunnel: taken up again, and given up after 36 h. */
import type { Clock } from "../delivery/clock.ts";
import { deliveryText } from "../delivery/delivery-json.ts";
import { abandonedAfterMs, type Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import { HistoryUnreadableError } from "../history/segments.ts";
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
// A record holds a body of a mebibyte, or twenty answers: not 2,000 of those.
const restoredBytes = 32 << 20;

/**
 * Kinde tries for 36 hours: a tunnel that was started anew goes on counting. A history that can't be read costs the earlier
 * attempts, and nothing else.
 * @returns those that it has found, the latest last
 */
export async function restoreDeliveries(
  deliveries: RelayedDeliveries,
  outlook: Pick<KindeOutlook, "restore">,
  { history, clock, listener }: RelayedOverTimeOptions,
): Promise<readonly Delivery[]> {
  const recent = await readRecent(history, clock.now() - 2 * abandonedAfterMs);
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

/** @returns the latest first */
async function readRecent(history: History, oldestEnded: number): Promise<readonly Delivery[]> {
  const recent: Delivery[] = [];
  const where = ({ direction, state, createdAt }: Delivery): boolean =>
    direction === "relayed" && (state === "pending" || Date.parse(createdAt) > oldestEnded);
  let bytes = 0;
  try {
    for await (const delivery of history.read({ where, containing: '"direction":"relayed"' })) {
      recent.push(delivery);
      bytes += deliveryText(delivery).length;
      if (recent.length >= restoredLimit || bytes >= restoredBytes) break;
    }
  } catch (error) {
    if (!(error instanceof HistoryUnreadableError)) throw error;
  }
  return recent;
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
