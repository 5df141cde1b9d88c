/** `history clear`: asks first, on a terminal; elsewhere it wants to be sure. */
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { History } from "../../history/history.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { Context } from "../command.ts";
import { formatCount } from "../output/format.ts";
import type { HistoryInput } from "./history-run.ts";

/**
 * @returns the exit code: 1 when it was asked, and told not to
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when nobody can be asked
 */
export async function clearHistory(
  history: History,
  { isSure, context }: Pick<HistoryInput, "isSure" | "context">,
): Promise<number> {
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
  let count = 0;
  for await (const _ of history.read()) count++;
  const deliveries = `${formatCount(count)} ${count === 1 ? "delivery" : "deliveries"}`;
  if (count > 0 && !isSure && !(await confirm(`Forget ${deliveries} in ${directory}? y/N`, context))) {
    reporter.note("Nothing was forgotten.");
    return 1;
  }
  await history.clear();
  reporter.record({ record: "cleared", deliveries: count, directory });
  if (!reporter.isJson) {
    reporter.print(
      count === 0
        ? `There was nothing to forget in ${directory}.`
        : `Forgot ${deliveries} in ${directory}. What is still to be delivered is not touched.`,
    );
  }
  return 0;
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
