/** Records as lines for people: one event one line, the answer under it, a hint where one is known. */
import { plainText } from "../../delivery/answer-text.ts";
import type { Attempt, Delivery, FailedReason } from "../../delivery/delivery.ts";
import { faultOf } from "../../kinde/faults.ts";
import { describeCheck } from "./check-lines.ts";
import { describeReplay } from "./describe-replay.ts";
import type { DeliveryRecord, OutputRecord, TunnelRecord } from "./records.ts";
import { clockTime, dayAndTime, formatCount, formatMs, formatTime, shortenId } from "./format.ts";
import { escapeControls, type Paint } from "./text.ts";

const shownBodyCharacters = 80;
const shownPathCharacters = 60;
const shortlyMs = 1_000;
const indent = " ".repeat(10);

/** The lines of a record; none for what only programs want. */
export function describeRecord(record: OutputRecord, paint: Paint): string[] {
  switch (record.record) {
    case "delivery":
      return describeDelivery(record, paint);
    case "warning":
      return [
        `${paint("yellow", "warning")} ${escapeControls(record.message)} ${paint("dim", `(${record.code})`)}`,
      ];
    case "replay":
      return [describeReplay(record, paint)];
    case "refused":
      return [describeRefused(record, paint)];
    case "tunnel":
      return describeTunnel(record, paint);
    case "check":
      return describeCheck(record, paint);
    case "summary":
      return [describeSummary(record, paint)];
    case "ready":
    // People are told in a way of each command's own what nothing wanted, and of their app.
    case "skipped":
    case "app":
    case "cleared":
    case "event_type":
    case "key":
    case "kinde":
    case "exit":
      return [];
    default:
      return record satisfies never;
  }
}

function describeDelivery(delivery: DeliveryRecord, paint: Paint): string[] {
  const attempt = delivery.attempts.at(-1);
  return attempt === undefined
    ? [describeEvent(delivery, clockTime(delivery.createdAt), paint)]
    : [
        describeAnswer(attempt, delivery.state, paint) + describeNext(delivery, paint),
        ...(delivery.hint === undefined ? [] : [hintLine(delivery.hint, paint)]),
        ...describeVerdict(delivery, attempt, paint),
      ];
}

/** Of a delivery with a fault: whether that was the right answer, and what is. */
function describeVerdict(delivery: DeliveryRecord, attempt: Attempt, paint: Paint): string[] {
  const { fault, verdict } = delivery;
  if (fault === undefined || verdict === undefined) return [];
  const { handler } = faultOf(fault);
  const right = `${handler[0]!.toLowerCase()}${handler.slice(1)}`;
  const [mark, but] =
    verdict === "pass"
      ? [paint("green", "✓ right answer"), ""]
      : [paint("red", "✕ wrong answer"), ` But this one ${describeStatus(attempt)}.`];
  return [`${indent}  ${mark}  a correct handler ${right}${but}`];
}

function describeStatus({ status }: Attempt): string {
  return status === null ? "gave no answer" : `answered ${status}`;
}

/** When it is attempted again, or that it is not. */
function describeNext(
  { nextAttemptAt, failedReason, attempts, fault }: DeliveryRecord,
  paint: Paint,
): string {
  if (nextAttemptAt !== null) {
    const leftMs = Math.max(0, Date.parse(nextAttemptAt) - Date.now());
    const at = leftMs < minuteMs ? "" : `, ${dayAndTime(nextAttemptAt)}`;
    return `  ${paint("dim", `next attempt in ${formatTime(leftMs)}${at}`)}`;
  }
  const end =
    failedReason === null || fault !== undefined || attempts.length < 2 ? undefined : endings[failedReason];
  return end === undefined ? "" : `  ${paint("red", end)}`;
}

const minuteMs = 60_000;

/** How a delivery that was to be attempted again has ended instead. */
const endings: Readonly<Record<FailedReason, string>> = {
  exhausted: "given up: no attempt is left",
  disabled: "given up: the webhook is disabled",
  cancelled: "called off",
  abandoned: "given up: too old",
  not_delivered: "not delivered",
};

/** The line of a delivery that ended while it waited for its next attempt. */
export function describeCalledOff(delivery: Delivery, paint: Paint): string {
  const how = endings[delivery.failedReason ?? "cancelled"];
  return `${describeEvent(delivery, clockTime(new Date().toISOString()), paint)}  ${paint("red", how)}`;
}

export function hintLine(hint: string, paint: Paint): string {
  return `${indent}  ${paint("yellow", escapeControls(hint))}`;
}

function describeRefused(refused: Extract<OutputRecord, { record: "refused" }>, paint: Paint): string {
  const { code, reason, method, path, status } = refused;
  return [
    paint("dim", clockTime(new Date().toISOString())),
    paint("red", `✕ refused${status === null ? "" : ` ${status}`}`),
    ...(method === null ? [] : [escapeControls(`${method} ${shorten(path ?? "")}`)]),
    escapeControls(reason.replace(/^Failed to verify the token: /, "").replace(/\.$/, "")) +
      (code === "ERR_PAUSED" ? ": p resumes" : ""),
    paint("dim", `(${code})`),
  ].join("  ");
}

/** An event that was not passed on. */
export function describeSkipped(type: string | undefined, reason: string, paint: Paint): string {
  const time = paint("dim", clockTime(new Date().toISOString()));
  const what = escapeControls(type ?? "no event");
  return `${time}  ${paint("dim", `▸ ${what}  not passed on, answered 200: ${escapeControls(reason)}`)}`;
}

function describeTunnel(change: TunnelRecord, paint: Paint): string[] {
  const { state, url, cause, downMs, probed } = change;
  const time = paint("dim", clockTime(new Date().toISOString()));
  const why = `${cause}: ${escapeControls(change.reason)}`;
  const isFirst = downMs < shortlyMs;
  switch (state) {
    case "down":
      return isFirst
        ? [
            `${time}  ${paint("red", "✕ tunnel down")}  ${why}`,
            `${indent}  ${url} is tried until it works again; Kinde tries again what it can't deliver meanwhile`,
          ]
        : [`${time}  ${paint("red", "✕ still down")}  for ${formatTime(downMs)}, ${why}`];
    case "reconnecting":
      return isFirst
        ? [`${time}  ${paint("yellow", "… trying again")}  ${why}`]
        : [`${time}  ${paint("yellow", "… still down")}  for ${formatTime(downMs)}, ${why}`];
    case "up": {
      const span = `was down for ${formatTime(downMs)} from ${clockTime(change.startedAt)} (${cause})`;
      const untried = probed === false ? "; whether it can be reached could not be tried from here" : "";
      return [`${time}  ${paint("green", "✓ tunnel up again")}  ${url}  ${span}${untried}`];
    }
    default:
      return state satisfies never;
  }
}

/** The event's line. @param number of the attempt @param at when it began, ISO 8601 */
export function describeRelayed(
  delivery: Omit<Delivery, "token">,
  number: number,
  paint: Paint,
  at: string = new Date().toISOString(),
): string {
  const line = describeEvent(delivery, clockTime(at), paint);
  return number === 1 ? line : `${line}  ${paint("yellow", `attempt ${number}`)}`;
}

function describeEvent(
  { direction, event, verification, fault }: Omit<Delivery, "token">,
  time: string,
  paint: Paint,
): string {
  const verified =
    verification.status === "verified"
      ? `verified · kid ${escapeControls(verification.kid.slice(0, 8))}…`
      : verification.reason;
  return (
    `${paint("dim", time)}  ${paint("cyan", "▸")} ${paint("bold", escapeControls(event?.type ?? "unknown"))}` +
    `  ${escapeControls(shortenId(event?.id ?? ""))}  ${paint("dim", verified)}` +
    (direction === "replayed" ? `  ${paint("dim", "replayed")}` : "") +
    (fault === undefined ? "" : `  ${paint("yellow", `fault ${fault}`)}`)
  );
}

export function describeAnswer(attempt: Attempt, state: Delivery["state"], paint: Paint): string {
  const ended = new Date(Date.parse(attempt.startedAt) + attempt.durationMs).toISOString();
  const colour =
    state === "delivered" ? "green" : attempt.status !== null && attempt.status < 500 ? "yellow" : "red";
  const outcome = attempt.status === null ? "no answer" : String(attempt.status);
  const { pathname } = new URL(attempt.request.url);
  return [
    paint("dim", clockTime(ended)),
    paint(colour, `◂ ${outcome}`),
    `POST ${escapeControls(pathname)}`,
    paint("dim", formatMs(attempt.durationMs)),
    describeWaits(attempt, paint),
    describeBody(attempt, state),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function describeWaits({ heldMs, queuedMs }: Attempt, paint: Paint): string {
  const queued = queuedMs === undefined ? [] : [`waited ${formatTime(queuedMs)} for its turn`];
  const held = heldMs === undefined ? [] : [`held ${formatTime(heldMs)}`];
  const waits = [...queued, ...held].join("  ");
  return waits === "" ? "" : paint("yellow", waits);
}

/** What the app said, where it explains a failure. */
function describeBody(attempt: Attempt, state: Delivery["state"]): string {
  if (attempt.error !== null) return `${escapeControls(attempt.error.message)} (${attempt.error.code})`;
  const body = plainText(attempt.response?.body ?? "");
  if (state === "delivered" || body === "") return "";
  const shown = body.length > shownBodyCharacters ? `${body.slice(0, shownBodyCharacters)}…` : body;
  return escapeControls(JSON.stringify(shown));
}

function describeSummary(summary: Extract<OutputRecord, { record: "summary" }>, paint: Paint): string {
  const { total, delivered, failed, perSecond, p50Ms, p99Ms, verdicts } = summary;
  const times = p50Ms === null || p99Ms === null ? "" : `  p50 ${formatMs(p50Ms)}  p99 ${formatMs(p99Ms)}`;
  return [
    paint("bold", `${formatCount(total)} ${total === 1 ? "delivery" : "deliveries"}: `),
    ...(verdicts === undefined
      ? describeCounts([delivered, "delivered"], [failed, "failed"], paint)
      : describeCounts([verdicts.pass, "right answers"], [verdicts.fail, "wrong"], paint)),
    paint("dim", `  ${formatCount(perSecond)}/s${times}`),
  ].join("");
}

function describeCounts(
  [good, goodly]: readonly [number, string],
  [bad, badly]: readonly [number, string],
  paint: Paint,
): string[] {
  return [
    paint("green", `${formatCount(good)} ${goodly}`),
    ", ",
    paint(bad === 0 ? "dim" : "red", `${formatCount(bad)} ${badly}`),
  ];
}

function shorten(path: string): string {
  return path.length > shownPathCharacters ? `${path.slice(0, shownPathCharacters)}…` : path;
}
