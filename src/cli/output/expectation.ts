/** What Kinde is to be expected to do, in words; nothing of it is sure. */
import type { Attempt } from "../../delivery/delivery.ts";
import type { Expected, Failing } from "../../relay/kinde-outlook.ts";
import { expectDisabling } from "../../kinde/expected-attempts.ts";
import { aboutTime, formatCount } from "./format.ts";
import type { KindeRecord } from "./records.ts";
import type { Paint } from "./text.ts";

// Of the 72 h: before, every failure while somebody works at the handler would count them down.
const toldWhenLeftMs = 60 * 60 * 60 * 1000;

/** Behind the answer of an attempt: when its sender tries again. */
export function describeExpected(attempt: Attempt, expected: Expected | undefined, paint: Paint): string {
  if (expected === undefined) return "";
  const now = Date.now();
  const { nextAttemptAt, disabledAt } = expected;
  const { status, number } = attempt;
  const isUnsure = status !== null && status >= 200 && status < 300;
  const next =
    nextAttemptAt === null
      ? "Kinde tries it no more, by our reading of its schedule"
      : `Kinde ${isUnsure ? "may try" : "tries"} again ${aboutTime(nextAttemptAt, now)} (attempt ${number + 1})`;
  const isNear = disabledAt !== null && !isUnsure && Date.parse(disabledAt) - now <= toldWhenLeftMs;
  return `  ${paint("dim", isNear ? `${next}; ${describeDisabling(disabledAt, now)}` : next)}`;
}

function describeDisabling(disabledAt: string, now: number): string {
  return Date.parse(disabledAt) <= now
    ? "Kinde disables the webhook at any failure now"
    : `Kinde disables the webhook ${aboutTime(disabledAt, now)}`;
}

/** At the end of a tunnel. @param url what Kinde goes on calling */
export function createKindeRecord(
  url: string,
  { isCalled, count, nextAttemptAt, since }: Failing,
): KindeRecord {
  return {
    record: "kinde",
    url,
    isCalled,
    failing: count,
    nextAttemptAt: toIso(nextAttemptAt),
    failingSince: toIso(since),
    disabledAt: toIso(since === undefined ? undefined : expectDisabling(since)),
  };
}

/** The same as a sentence. */
export function describeKinde({ isCalled, failing, nextAttemptAt, disabledAt }: KindeRecord): string {
  if (!isCalled) {
    return "If Kinde has this URL, it keeps calling it: until the next `tunnel` its webhooks fail, and are tried again for about 29 hours.";
  }
  const now = Date.now();
  const failures =
    failing === 0 || nextAttemptAt === null
      ? "until the next `tunnel` its webhooks fail, and are tried again for about 29 hours"
      : `${formatCount(failing)} ${failing === 1 ? "event" : "events"} still failing, next try ${aboutTime(nextAttemptAt, now)}`;
  const disabling =
    disabledAt === null
      ? ""
      : `; ${Date.parse(disabledAt) <= now ? "it disables the webhook at any failure now" : `it disables the webhook ${aboutTime(disabledAt, now)}`}, unless one is delivered before`;
  return `Kinde keeps calling this URL: ${failures}${disabling}.`;
}

function toIso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(Math.round(time)).toISOString();
}
