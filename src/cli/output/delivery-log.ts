/** Deliveries as they end: every one of a few, of many the failures and a progress line. */
import type { Delivery } from "../../delivery/delivery.ts";
import { hintFor, type HintContext } from "../../delivery/hints.ts";
import { formatCount } from "./human.ts";
import { deliveryRecord } from "./records.ts";
import type { Reporter } from "./reporter.ts";

export interface DeliveryLogOptions {
  readonly reporter: Reporter;
  /** How many deliveries are to come; `undefined` when nobody knows. */
  readonly total: number | undefined;
  /** `--json-token`. */
  readonly withToken: boolean;
  readonly hintContext: () => HintContext;
}

export interface DeliveryLog {
  onChange(delivery: Delivery): void;
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
  let ended = 0;
  let failed = 0;
  let hidden = 0;
  let progressAt = 0;
  let isEventTold = false;
  let lastHint: string | undefined;

  const show = (delivery: Delivery): void => {
    const hint = hintFor(delivery.attempts.at(-1)!, hintContext());
    if (hint?.code !== undefined && reporter.isJson && !warned.has(hint.code)) {
      warned.add(hint.code);
      reporter.record({ record: "warning", code: hint.code, message: hint.message });
    }
    // With others under way the answer may come between those of others: the event is told with it.
    if (!reporter.isJson && !isEventTold) {
      reporter.record(deliveryRecord({ ...delivery, attempts: [] }, undefined, false));
    }
    const message =
      hint?.code === undefined || reporter.isJson ? hint?.message : `${hint.message} (${hint.code})`;
    // Many failures have one cause: people read its hint once, programs find it in every record.
    const isTold = message !== undefined && message === lastHint && !reporter.isJson;
    lastHint = message;
    reporter.record(deliveryRecord(delivery, isTold ? undefined : message, withToken));
  };

  const showProgress = (): void => {
    const now = performance.now();
    if (total === undefined || total === 1 || now - progressAt < progressStepMs) return;
    progressAt = now;
    const perSecond = Math.round((ended * 1000) / (now - startedAt));
    reporter.progress(
      `${formatCount(ended)} of ${formatCount(total)}  ${formatCount(failed)} failed  ${formatCount(perSecond)}/s`,
    );
  };

  return {
    onChange: (delivery) => {
      if (delivery.attempts.length === 0) {
        if (total === 1 && !reporter.isJson) {
          isEventTold = true;
          reporter.record(deliveryRecord(delivery, undefined, false));
        }
        return;
      }
      ended++;
      if (delivery.state === "failed") failed++;
      const isShown =
        reporter.isJson ||
        total === undefined ||
        total <= shownInFull ||
        (delivery.state === "failed" && failed <= shownFailures);
      if (isShown) show(delivery);
      else if (delivery.state === "failed") hidden++;
      showProgress();
    },
    end: () => {
      reporter.progress(undefined);
      if (hidden > 0) {
        reporter.note(`${formatCount(hidden)} more failures are not shown; --json has them all.`);
      }
    },
  };
}
