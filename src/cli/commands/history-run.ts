/** `history`: what each action does, and what it says. */
import { findDelivery } from "../../history/find-delivery.ts";
import type { History } from "../../history/history.ts";
import type { DeliveryFilter } from "../../history/delivery-filter.ts";
import { isUserError } from "../../kinde/errors.ts";
import { keysPathOf, readKeys } from "../../project/keys-file.ts";
import type { Project } from "../../project/directory.ts";
import type { Context } from "../command.ts";
import { describeDelivery } from "../output/describe-delivery.ts";
import { deliveryDetail } from "../output/records.ts";
import { openHistory } from "../project-history.ts";
import { clearHistory } from "./history-clear.ts";
import { listHistory } from "./history-list.ts";
import type { HistoryAction } from "./history.ts";
import { noteInsideRun } from "./inside-run.ts";

/** What `history` was asked for, read and checked. */
export interface HistoryInput {
  readonly action: HistoryAction;
  /** Of `show`. */
  readonly id: string;
  /** `undefined` for all. */
  readonly filter: DeliveryFilter | undefined;
  readonly limit: number;
  readonly isFollowed: boolean;
  /** `--yes`. */
  readonly isSure: boolean;
  readonly issuerPort: number;
  readonly withToken: boolean;
  readonly context: Context;
}

/** @returns the exit code */
export async function runHistory(input: HistoryInput): Promise<number> {
  const { action, context } = input;
  noteInsideRun(context);
  if (action === "clear") return await clearHistory(input);
  const history = openHistory(context.project, context.reporter);
  try {
    if (action === "list") await listHistory(history, input);
    else await show(history, input);
    return 0;
  } finally {
    await history.close();
  }
}

async function show(
  history: History,
  { id, issuerPort, withToken, context: { project, reporter, settings } }: HistoryInput,
): Promise<void> {
  const delivery = await findDelivery(history, id);
  if (reporter.isJson) {
    reporter.record(deliveryDetail(delivery, withToken));
    return;
  }
  const ownKeys = new Set(listKeyIds(project));
  const lines = describeDelivery(delivery, {
    paint: reporter.paint,
    isOwnKey: (kid) => ownKeys.has(kid),
    localIssuer: `http://localhost:${issuerPort}`,
    appIssuer: settings.variable("KINDE_ISSUER_URL"),
  });
  for (const line of lines) reporter.print(line);
}

/** None that could not be read: what happened is to be seen all the same. */
function listKeyIds(project: Project): readonly string[] {
  try {
    return readKeys(keysPathOf(project))?.keys.map(({ kid }) => kid) ?? [];
  } catch (error) {
    if (isUserError(error)) return [];
    throw error;
  }
}
