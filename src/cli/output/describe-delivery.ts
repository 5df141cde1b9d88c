/** One delivery in full, for people: what came, who signed it, and what the app made of it. */
import { claimsOf } from "../../delivery/claims-of.ts";
import { deliveredStatus, type Attempt, type Delivery, type FailedReason } from "../../delivery/delivery.ts";
import { hintFor } from "../../delivery/hints.ts";
import type { HintContext } from "../../delivery/hint-row.ts";
import { stringifySorted } from "../../kinde/json.ts";
import { formatCount, formatMs, formatTime, shortTime } from "./format.ts";
import { escapeControls, type Paint } from "./text.ts";

export interface DescribeDeliveryOptions extends Pick<HintContext, "appIssuer" | "localIssuer"> {
  readonly paint: Paint;
  /** Whether a key id is of this project's keys. */
  readonly isOwnKey: (kid: string) => boolean;
}

const indent = "  ";
const shownBodyLines = 40;
const shownLineLength = 2_000;

export function describeDelivery(delivery: Delivery, options: DescribeDeliveryOptions): string[] {
  const { paint } = options;
  const { id, event, webhookId, replayOf, attempts } = delivery;
  const section = (title: string, lines: readonly string[]): string[] => [
    "",
    paint("bold", title),
    ...lines.map((line) => (line === "" ? "" : indent + line)),
  ];
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["id", id],
    ...(replayOf === undefined ? [] : [["replay of", replayOf] as const]),
    ["event", describeEvent(delivery)],
    ["webhook-id", webhookId ?? "none"],
    ["endpoint", delivery.endpoint],
    ["signature", describeSignature(delivery, options)],
    ...(delivery.fault === undefined ? [] : [["fault", describeFault(delivery)] as const]),
  ];
  const request = attempts.at(-1)?.request;
  return [
    `${paint("bold", escapeControls(event?.type ?? "no event"))}  ${describeState(delivery, paint)}`,
    ...facts.map(([name, value]) => `${indent}${paint("dim", name.padEnd(10))}  ${escapeControls(value)}`),
    ...section("Claims", describeClaims(delivery)),
    ...(request === undefined
      ? []
      : section(
          `Request  ${escapeControls(`${request.method} ${request.url}`)}`,
          Object.entries(request.headers).map(([name, value]) => escapeControls(`${name}: ${value}`)),
        )),
    ...section(
      "Attempts",
      attempts.length === 0
        ? ["none yet"]
        : attempts.flatMap((attempt) => describeAttempt(attempt, delivery, options)),
    ),
  ];
}

const endings: Readonly<Record<FailedReason, string>> = {
  exhausted: "no attempt was left",
  disabled: "its webhook was disabled",
  cancelled: "it was called off",
  abandoned: "its sender gave it up",
  not_delivered: "the answer was not the one that counts as delivered",
};

/** What has come of it, and why. */
function describeState(delivery: Delivery, paint: Paint): string {
  const { direction, state, nextAttemptAt, isShielded, isCopy } = delivery;
  const from = `${direction} ${shortTime(delivery.createdAt)}`;
  const marks = [
    ...(isCopy === true ? ["a copy: its sender hears nothing of it"] : []),
    ...(isShielded === true ? ["its sender was answered 200 when it came"] : []),
  ];
  const details = [from, ...marks].join(", ");
  switch (state) {
    case "delivered":
      return `${paint("green", "delivered")}  ${paint("dim", details)}`;
    case "failed":
      return `${paint("red", `failed: ${describeEnding(delivery)}`)}  ${paint("dim", details)}`;
    case "pending":
      return `${paint("yellow", `pending: ${describeNext(direction, nextAttemptAt)}`)}  ${paint("dim", details)}`;
    default:
      return state satisfies never;
  }
}

function describeEnding({ failedReason, attempts }: Delivery): string {
  if (failedReason === "not_delivered" && attempts.at(-1)?.status === null) return "there was no answer";
  return endings[failedReason ?? "not_delivered"];
}

function describeNext(direction: Delivery["direction"], nextAttemptAt: string | null): string {
  if (nextAttemptAt !== null) return `the next attempt is due ${shortTime(nextAttemptAt)}`;
  return direction === "relayed"
    ? "Kinde tries it again, for about 29 hours"
    : "it is under way, or was cut off";
}

function describeEvent({ event }: Delivery): string {
  if (event === null) return "none: the body is no event";
  const { id, source, timestamp } = event;
  return `${id}, ${source === null ? "" : `source ${source}, `}timestamp ${timestamp}`;
}

function describeSignature({ verification }: Delivery, { isOwnKey }: DescribeDeliveryOptions): string {
  if (verification.status === "unverified") return `does not verify (${verification.reason})`;
  const { kid, issuer } = verification;
  const whose = isOwnKey(kid) ? "this project's key" : `a key of ${issuer}`;
  return `verified by ${whose}, kid ${kid}`;
}

function describeFault({ fault, verdict }: Delivery): string {
  const answer = { pass: ": the right answer", fail: ": the wrong answer" } as const;
  return `${fault}${verdict === undefined ? "" : answer[verdict]}`;
}

function describeClaims(delivery: Delivery): string[] {
  const claims = claimsOf(delivery);
  if (claims === undefined) return ["none: the body is no token"];
  return [
    ...(delivery.isRedacted === true ? ["masked, as they were recorded with --redact"] : []),
    ...stringifySorted(claims, 2).split("\n").map(escapeControls),
  ];
}

function describeAttempt(attempt: Attempt, delivery: Delivery, options: DescribeDeliveryOptions): string[] {
  const { paint } = options;
  const { number, startedAt, durationMs, status, error } = attempt;
  const outcome =
    status === null
      ? paint("red", escapeControls(error === null ? "no answer" : `${error.message} (${error.code})`))
      : paint(status === deliveredStatus ? "green" : "red", String(status));
  const hint = findHint(attempt, delivery, options);
  return [
    [
      String(number).padStart(2),
      paint("dim", shortTime(startedAt)),
      outcome,
      paint("dim", formatMs(durationMs)),
      ...describeWaits(attempt).map((wait) => paint("dim", wait)),
    ].join("  "),
    ...describeAnswer(attempt).map((line) => (line === "" ? "" : `    ${line}`)),
    ...(hint === undefined ? [] : [`    ${paint("yellow", escapeControls(hint))}`]),
  ];
}

function findHint(
  attempt: Attempt,
  { direction, fault, verification, isCopy, isShielded }: Delivery,
  { localIssuer, appIssuer, isOwnKey }: DescribeDeliveryOptions,
): string | undefined {
  // What is wrong with a fault is known. And whoever wrote the record, it is shown.
  if (fault !== undefined || !URL.canParse(attempt.request.url)) return undefined;
  const isForeign = verification.status === "verified" && !isOwnKey(verification.kid);
  return hintFor(attempt, {
    localIssuer,
    appIssuer,
    hasFetchedJwks: undefined,
    expectedStatus: deliveredStatus,
    endpointOption: direction === "relayed" ? "--forward" : "--to",
    signer: isForeign ? verification.issuer : undefined,
    unverified: verification.status === "unverified" ? verification.reason : undefined,
    isCopy: isCopy === true,
    isShielded: isShielded === true,
    isOnce: direction === "replayed",
  })?.message;
}

function describeWaits({ plannedDelayMs, heldMs, queuedMs }: Attempt): string[] {
  return [
    ...(plannedDelayMs === 0 ? [] : [`planned ${formatTime(plannedDelayMs)} after the one before`]),
    ...(queuedMs === undefined ? [] : [`waited ${formatTime(queuedMs)} for its turn`]),
    ...(heldMs === undefined ? [] : [`held ${formatTime(heldMs)} until the app listened`]),
  ];
}

/** The app's headers and what it said. */
function describeAnswer({ response }: Attempt): string[] {
  if (response === null) return [];
  const headers = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}`);
  const lines =
    response.body === "" ? [] : response.body.replace(/\n$/, "").replaceAll("\t", indent).split(/\r?\n/);
  const hidden = lines.length - shownBodyLines;
  const cut = (line: string): string =>
    line.length > shownLineLength ? `${line.slice(0, shownLineLength)}…` : line;
  return [
    ...headers.map(escapeControls),
    ...(lines.length === 0 ? [] : [""]),
    ...lines.slice(0, shownBodyLines).map((line) => escapeControls(cut(line))),
    ...(hidden > 0 ? [`… ${formatCount(hidden)} more lines; --json has them`] : []),
    ...(response.truncated ? ["… more than that was not kept"] : []),
  ];
}
