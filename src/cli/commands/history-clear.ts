/** `history clear`: asks first, on a terminal; elsewhere it wants to be sure. */
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { systemClock } from "../../delivery/clock.ts";
import { createFileHistory } from "../../history/file-history.ts";
import type { History } from "../../history/history.ts";
import { HistoryUnreadableError } from "../../history/segments.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { Context } from "../command.ts";
import { describeDamage } from "../describe-damage.ts";
import { formatCount } from "../output/format.ts";
import type { HistoryInput } from "./history-run.ts";

/**
 * @returns the exit code: 1 when it was asked, and told not to
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when nobody can be asked
 * @throws {HistoryNotClearedError} `ERR_HISTORY_NOT_CLEARED` when some of it could not be removed
 */
export async function clearHistory({
  isSure,
  context,
}: Pick<HistoryInput, "isSure" | "context">): Promise<number> {
  const { project, reporter, stdin } = context;
  const directory = join(project.directory, "history");
  if (!isSure && (!stdin.isTTY || reporter.isJson)) {
    throw new InvalidOptionError(
      "history clear",
      "--yes, for there is no terminal to ask on",
      "nothing",
      `It forgets every delivery in ${directory}.`,
    );
  }
  let skippedLines = 0;
  const history = createFileHistory({
    directory,
    ensureDirectory: () => {},
    now: systemClock.now,
    onDamaged: (damage) => {
      skippedLines += damage.count;
      // Lines go with their file; a file of another format stays.
      if (damage.count === 0) reporter.record(describeDamage(damage));
    },
  });
  const deliveries = await countDeliveries(history, directory);
  const what = describeAll(deliveries, skippedLines);
  if (what !== undefined && !isSure && !(await confirm(`Forget ${what} in ${directory}? y/N`, context))) {
    reporter.note("Nothing was forgotten.");
    return 1;
  }
  await history.clear();
  reporter.record({ record: "cleared", deliveries, directory });
  if (!reporter.isJson) {
    reporter.print(
      what === undefined
        ? `There was nothing to forget in ${directory}.`
        : `Forgot ${what} in ${directory}. What is still to be delivered is not touched.`,
    );
  }
  return 0;
}

/** @returns `null` when one of its files can't be read, which does not keep it from being removed */
async function countDeliveries(history: History, directory: string): Promise<number | null> {
  try {
    let count = 0;
    for await (const _ of history.read()) count++;
    return count;
  } catch (error) {
    if (error instanceof HistoryUnreadableError && error.path !== directory) return null;
    throw error;
  }
}

/** @returns `undefined` for nothing */
function describeAll(deliveries: number | null, skippedLines: number): string | undefined {
  if (deliveries === null) return "all deliveries, and what can't be read,";
  if (deliveries === 0 && skippedLines === 0) return undefined;
  const known = `${formatCount(deliveries)} ${deliveries === 1 ? "delivery" : "deliveries"}`;
  if (skippedLines === 0) return known;
  return `${known} and ${formatCount(skippedLines)} ${skippedLines === 1 ? "line" : "lines"} that can't be read`;
}

async function confirm(question: string, { reporter, stdin, interruption }: Context): Promise<boolean> {
  reporter.note(question);
  const lines = createInterface({ input: stdin });
  const close = (): void => lines.close();
  interruption.stop.addEventListener("abort", close, { once: true });
  try {
    for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
    return false;
  } finally {
    interruption.stop.removeEventListener("abort", close);
    lines.close();
  }
}
