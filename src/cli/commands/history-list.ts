/** `history list`: the latest first; with `--follow` the latest last, and then what comes. */
import type { Delivery } from "../../delivery/delivery.ts";
import { createQuery } from "../../history/delivery-filter.ts";
import type { History } from "../../history/history.ts";
import { createDeliveryTable } from "../output/delivery-table.ts";
import { formatCount } from "../output/format.ts";
import { deliveryRecord } from "../output/records.ts";
import type { HistoryInput } from "./history-run.ts";

// Rows are as wide as those they are told with.
const rowsAtOnce = 100;

export async function listHistory(history: History, input: HistoryInput): Promise<void> {
  const { filter, limit, isFollowed, withToken, context } = input;
  const { reporter, interruption } = context;
  const query = createQuery(filter ?? {});
  const table = createDeliveryTable(reporter.paint, reporter.columns);
  const tell = (deliveries: readonly Delivery[]): void => {
    if (!reporter.isJson) for (const row of table.rows(deliveries)) reporter.print(row);
    else for (const each of deliveries) reporter.record(deliveryRecord(each, undefined, withToken));
  };

  // Before what there is: nothing that comes meanwhile is missed.
  const following = isFollowed ? history.follow(interruption.stop) : undefined;
  const listed: Delivery[] = [];
  let count = 0;
  let hasMore = false;
  for await (const delivery of history.read(query)) {
    hasMore = count === limit;
    if (hasMore || interruption.stop.aborted) break;
    count++;
    listed.push(delivery);
    if (following === undefined && listed.length === rowsAtOnce) {
      tell(listed.splice(0));
      // Who reads it may be slower than we are.
      await reporter.drained();
    }
  }
  if (following === undefined) {
    tell(listed);
    if (count === 0) tellNothing(input);
    else if (hasMore) reporter.note(`The latest ${formatCount(limit)}; --limit shows more.`);
    return;
  }
  tell(listed.toReversed());
  reporter.note("Following what comes. Ctrl-C ends it.");
  const told = new Set(listed.map(stateOf));
  for await (const delivery of following) {
    if (query.where?.(delivery) !== false && !told.has(stateOf(delivery))) tell([delivery]);
  }
}

/** What differs whenever a delivery has changed. */
function stateOf({ id, state, attempts }: Delivery): string {
  // Of many attempts the record leaves some out, but never the latest.
  return `${id} ${state} ${attempts.length} ${attempts.at(-1)?.number}`;
}

function tellNothing({ filter, context: { reporter } }: HistoryInput): void {
  if (filter === undefined) {
    reporter.note(
      "Nothing was delivered yet. `npx kinde-devhook emit user.created` makes an event; `npx kinde-devhook tunnel` brings Kinde's.",
    );
    return;
  }
  const advice = filter.state === "failed" ? " What Kinde tries again is --state pending." : "";
  reporter.note(`The history has no such delivery.${advice}`);
}
