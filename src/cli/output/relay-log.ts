/** What passes through the tunnel, as it happens: each event, the app's answer under it, and who was not let in. */
import type { AppChange } from "../../app/app-health.ts";
import type { Attempt, Delivery } from "../../delivery/delivery.ts";
import { hintFor, signerOf, type HintContext } from "../../delivery/hints.ts";
import type { Expected } from "../../relay/kinde-outlook.ts";
import type { RelayedAttempt } from "../../relay/relayed-deliveries.ts";
import type { Skipped } from "../../relay/relay.ts";
import { describeApp, type Meanwhile } from "./describe-app.ts";
import { describeAnswer, describeRelayed, describeSkipped, hintLine } from "./human.ts";
import { describeExpected } from "./expectation.ts";
import { formatCount } from "./format.ts";
import { deliveryLine, type OutputRecord } from "./records.ts";
import type { Reporter } from "./reporter.ts";

export interface RelayLogOptions {
  readonly reporter: Reporter;
  /** `--json-token`. */
  readonly withToken: boolean;
  readonly meanwhile: Meanwhile;
  readonly hintContext: () => HintContext;
}

export interface RelayLog {
  /** An attempt begins. */
  onBegin(attempt: RelayedAttempt): void;
  /** It has ended. */
  onEnd(delivery: Delivery, attempt: Attempt, isCopy?: boolean, expected?: Expected): void;
  /** Its sender has given it up. */
  onAbandoned(delivery: Delivery): void;
  onSkipped(skipped: Skipped): void;
  onAppChange(change: AppChange): void;
  /** Lines that are none of these come now: an answer that is to come stands under its own event again. */
  interrupt(): void;
  /** Tells of anything else. */
  record(record: OutputRecord): void;
  /** Says what was not shown. */
  end(): void;
  onRefused(refused: Extract<OutputRecord, { record: "refused" }>): void;
}

// An event whose answer takes longer is told before; else both lines come together.
const patienceMs = 300;
const refusedShown = 10;
const refusedWindowMs = 10_000;

export function createRelayLog({ reporter, withToken, meanwhile, hintContext }: RelayLogOptions): RelayLog {
  const { paint, isJson } = reporter;
  const warned = new Set<string>();
  const untold = new Map<string, NodeJS.Timeout>();
  let lastLine: string | undefined;
  let lastHint: string | undefined;
  const refusals = createRefusalCount(reporter);

  const tellEvent = (key: string, delivery: Delivery, number: number): void => {
    reporter.print(describeRelayed(delivery, number, paint));
    lastLine = key;
  };
  const keyOf = ({ id }: Delivery, number: number): string => `${id} ${number}`;

  return {
    onBegin: (attempt) => {
      if (isJson) return;
      const { number } = attempt;
      const delivery = attempt.delivery();
      const key = keyOf(delivery, number);
      untold.set(key, setTimeout(() => tellEvent(key, delivery, number), patienceMs).unref());
    },
    onEnd: (delivery, attempt, isCopy = false, expected) => {
      const { verification } = delivery;
      const unverified = verification.status === "unverified" ? verification.reason : undefined;
      const context = hintContext();
      const signer = signerOf(delivery, context.localIssuer);
      const hint = hintFor(attempt, { ...context, isCopy, unverified, signer });
      if (hint?.code !== undefined && isJson && !warned.has(hint.code)) {
        warned.add(hint.code);
        reporter.record({ record: "warning", code: hint.code, message: hint.message });
      }
      if (isJson) {
        reporter.recordLine(deliveryLine(delivery, hint?.message, withToken, expected));
        return;
      }
      const key = keyOf(delivery, attempt.number);
      clearTimeout(untold.get(key));
      untold.delete(key);
      // Other lines may have come between: the answer stands under its own event.
      if (lastLine !== key) tellEvent(key, delivery, attempt.number);
      lastLine = undefined;
      const message = hint?.code === undefined ? hint?.message : `${hint.message} (${hint.code})`;
      const told = `${attempt.status} ${message}`;
      const isNews = message !== undefined && told !== lastHint;
      lastHint = told;
      reporter.print(
        [
          describeAnswer(attempt, attempt.status === 200 ? "delivered" : "pending", paint) +
            describeExpected(attempt, expected, paint),
          ...(isNews ? [hintLine(message, paint)] : []),
        ].join("\n"),
      );
    },
    onAbandoned: (delivery) => {
      if (isJson) reporter.recordLine(deliveryLine(delivery, undefined, withToken));
      else {
        const { event, endpoint, attempts } = delivery;
        reporter.note(
          `Given up by its sender after 36 h: ${event?.type ?? "a webhook"} ${event?.id ?? ""} to ${endpoint}, ${attempts.length} attempts.`,
        );
      }
    },
    onSkipped: ({ webhookId, type, reason }) => {
      lastLine = undefined;
      if (!isJson) reporter.print(describeSkipped(type, reason, paint));
      else {
        const event = type === undefined ? null : { type };
        reporter.record({ record: "skipped", webhookId, event, reason });
      }
    },
    onAppChange: (change) => {
      lastLine = undefined;
      if (isJson) reporter.record({ record: "app", ...change });
      else reporter.print(describeApp(change, meanwhile, paint));
    },
    interrupt: () => {
      lastLine = undefined;
    },
    record: (record) => {
      lastLine = undefined;
      reporter.record(record);
    },
    end: refusals.tellHidden,
    onRefused: (refused) => {
      if (isJson || refusals.isShown(refused.code)) reporter.record(refused);
      lastLine = undefined;
    },
  };
}

/** A stranger who knocks a thousand times does not push everything else off the screen. */
function createRefusalCount(reporter: Reporter): {
  isShown: (code: string) => boolean;
  tellHidden: () => void;
} {
  let codes = new Set<string>();
  let shown = 0;
  let hidden = 0;
  let window: NodeJS.Timeout | undefined;
  const tellHidden = (): void => {
    if (hidden > 0) reporter.note(`${formatCount(hidden)} more were refused; --json has them all.`);
    codes = new Set();
    shown = 0;
    hidden = 0;
    window = undefined;
  };
  return {
    tellHidden,
    isShown: (code) => {
      window ??= setTimeout(tellHidden, refusedWindowMs).unref();
      // Behind many of one kind the one of another is what somebody may be looking for.
      if (shown < refusedShown || !codes.has(code)) {
        shown++;
        codes.add(code);
        return true;
      }
      hidden++;
      return false;
    },
  };
}
