/** Deliveries after each attempt: every one of a few, of many the failures and a progress line. */
import { isUntouched, type Delivery } from "../../delivery/delivery.ts";
import { hintFor, type HintContext } from "../../delivery/hints.ts";
import { describeCalledOff, describeRelayed } from "./human.ts";
import { formatCount } from "./format.ts";
import { deliveryRecord } from "./records.ts";
import type { Reporter } from "./reporter.ts";

export interface DeliveryLogOptions {
  readonly reporter: Reporter;
  /** How many deliveries are to come; `undefined` when nobody knows. */
  readonly total: number | undefined;
  /** `--json-token`. */
  readonly withToken: boolean;
  readonly hintContext: (delivery: Delivery) => HintContext;
}

export interface DeliveryLog {
  onChange(delivery: Delivery): void;
  /** Takes deliveries that another process has told of: only what comes after is told. */
  resume(deliveries: readonly Delivery[]): void;
  /** Takes the progress line away and says what was not shown. */
  end(): void;
}

const shownInFull = 100;
const shownFailures = 20;
const progressStepMs = 100;

export function createDeliveryLog({
  reporter,
  total,
  withToken,
  hintContext,
}: DeliveryLogOptions): DeliveryLog {
  const startedAt = performance.now();
  const warned = new Set<string>();
  /** How many attempts of a pending delivery have been told. */
  const told = new Map<string, number>();
  let attempted = 0;
  let failed = 0;
  let shownOfFailures = 0;
  let hidden = 0;
  let progressAt = 0;
  let isEventTold = false;
  let lastHint: string | undefined;

  const show = (delivery: Delivery): void => {
    const attempt = delivery.attempts.at(-1)!;
    // What is wrong with a fault is known: there is nothing to guess, unless the app was not reached.
    const isGuessed = delivery.fault === undefined || attempt.error?.code === "ERR_CONNECTION_REFUSED";
    const { verification } = delivery;
    const unverified = verification.status === "unverified" ? verification.reason : undefined;
    const hint = isGuessed ? hintFor(attempt, { ...hintContext(delivery), unverified }) : undefined;
    if (hint?.code !== undefined && reporter.isJson && !warned.has(hint.code)) {
      warned.add(hint.code);
      reporter.record({ record: "warning", code: hint.code, message: hint.message });
    }
    // With others under way the answer may come between those of others: the event is told with it.
    const number = delivery.attempts.length;
    if (!reporter.isJson && (!isEventTold || number > 1)) {
      reporter.print(describeRelayed(delivery, number, reporter.paint, attempt.startedAt));
    }
    const message =
      hint?.code === undefined || reporter.isJson ? hint?.message : `${hint.message} (${hint.code})`;
    // Many failures have one cause: people read its hint once, programs find it in every record.
    const isTold = message !== undefined && message === lastHint && !reporter.isJson;
    lastHint = message;
    reporter.record(deliveryRecord(delivery, isTold ? undefined : message, withToken));
  };
  /** Of one that ended while it waited for its next attempt. */
  const showEnd = (delivery: Delivery): void => {
    if (reporter.isJson) reporter.record(deliveryRecord(delivery, undefined, withToken));
    else reporter.print(describeCalledOff(delivery, reporter.paint));
  };

  const showProgress = (): void => {
    const now = performance.now();
    if (total === undefined || total === 1 || now - progressAt < progressStepMs) return;
    progressAt = now;
    const perSecond = Math.round((attempted * 1000) / (now - startedAt));
    reporter.progress(
      `${formatCount(attempted)} of ${formatCount(total)}  ${formatCount(failed)} failed  ${formatCount(perSecond)}/s`,
    );
  };

  return {
    onChange: (delivery) => {
      const { id, state, attempts } = delivery;
      if (isUntouched(delivery)) {
        if (total === 1 && !reporter.isJson) {
          isEventTold = true;
          reporter.record(deliveryRecord(delivery, undefined, false));
        }
        return;
      }
      const before = told.get(id);
      if (before === undefined) attempted++;
      if (state === "pending") told.set(id, attempts.length);
      else told.delete(id);
      if (state === "failed") failed++;
      const isShortened = !reporter.isJson && total !== undefined && total > shownInFull;
      if (isShortened && state === "delivered") return showProgress();
      if (isShortened && shownOfFailures >= shownFailures) hidden++;
      else {
        shownOfFailures++;
        if (attempts.length > (before ?? 0)) show(delivery);
        else showEnd(delivery);
      }
      showProgress();
    },
    resume: (deliveries) => {
      for (const { id, attempts } of deliveries) told.set(id, attempts.length);
    },
    end: () => {
      reporter.progress(undefined);
      if (hidden > 0) {
        reporter.note(`${formatCount(hidden)} more failures are not shown; --json has them all.`);
      }
    },
  };
}
