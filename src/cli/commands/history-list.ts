/** `history list`: the latest first; with `--follow` the latest last, and then what comes. */
import type { Delivery } from "../../delivery/delivery.ts";
import { createQuery } from "../../history/delivery-filter.ts";
import type { History } from "../../history/history.ts";
import { warnOfUnknownTypes } from "../../history/unknown-types.ts";
import { createDeliveryTable } from "../output/delivery-table.ts";
import { formatCount } from "../output/format.ts";
import { deliveryLine } from "../output/records.ts";
import type { HistoryInput } from "./history-run.ts";

// Rows are as wide as those they are told with.
const rowsAtOnce = 100;

export async function listHistory(history: History, input: HistoryInput): Promise<void> {
  const { filter, limit, isFollowed, withToken, context } = input;
  const {
    reporter,
    interruption: { stop },
  } = context;
  const query = createQuery(filter ?? {});
  const table = createDeliveryTable(reporter.paint, reporter.columns);
  const linesOf = (deliveries: readonly Delivery[]): readonly string[] =>
    reporter.isJson
      ? deliveries.map((each) => deliveryLine(each, undefined, withToken))
      : table.rows(deliveries);
  const tell = async (lines: readonly string[]): Promise<void> => {
    for (const line of lines) {
      if (reporter.isJson) reporter.recordLine(line);
      else reporter.print(line);
    }
    // Who reads it may be slower than we are, or not read at all.
    await reporter.drained(stop);
  };

  // Before what there is: nothing that comes meanwhile is missed.
  const following = isFollowed ? history.follow(stop) : undefined;
  /** What is followed is told the latest last: until all is read it is held, as the lines it will be. */
  const held: (readonly string[])[] = [];
  const told = new Set<string>();
  const types = new Set<string>();
  let listed: Delivery[] = [];
  const endRows = async (): Promise<void> => {
    const lines = linesOf(listed);
    listed = [];
    if (following === undefined) await tell(lines);
    else held.push(lines);
  };
  let count = 0;
  let hasMore = false;
  for await (const delivery of history.read(query)) {
    hasMore = count === limit;
    if (hasMore || stop.aborted) break;
    count++;
    types.add(delivery.event?.type ?? "");
    if (following !== undefined) told.add(stateOf(delivery));
    if (listed.push(delivery) === rowsAtOnce) await endRows();
  }
  await endRows();
  for (let lines = held.pop(); lines !== undefined && !stop.aborted; lines = held.pop()) {
    await tell(lines.toReversed());
  }
  if (following === undefined && count === 0) tellNothing(input);
  // Who has interrupted it has not seen all of it looked through.
  const unknown = stop.aborted ? [] : warnOfUnknownTypes(filter?.types, types, hasMore ? limit : undefined);
  for (const warning of unknown) {
    reporter.record({ record: "warning", ...warning });
  }
  if (following === undefined) {
    if (hasMore) reporter.note(`The latest ${formatCount(limit)}; --limit shows more.`);
    return;
  }
  reporter.note("Following what comes. Ctrl-C ends it.");
  for await (const delivery of following) {
    if (query.where?.(delivery) !== false && !told.has(stateOf(delivery))) await tell(linesOf([delivery]));
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
