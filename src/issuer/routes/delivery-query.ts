/** What of the history a request asks for, narrowed. */
import type { DeliveryFilter } from "../../history/delivery-filter.ts";
import { readDuration } from "../../kinde/duration.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { parseEventTypePatterns } from "../../kinde/event-types.ts";
import { createOptionReader, describeValue, parseOptions } from "../../kinde/parse-option.ts";

export interface DeliveryQuery extends DeliveryFilter {
  readonly limit: number;
}

const maxListed = 1_000;
const directions = ["relayed", "emitted", "replayed"] as const;
const states = ["pending", "delivered", "failed"] as const;

/**
 * @param now epoch milliseconds
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseDeliveryQuery(query: unknown, now: number): DeliveryQuery {
  const known = ["limit", "type", "state", "since", "direction", "org", "email"];
  const given = parseOptions(query, "the query", known);
  const read = createOptionReader(given, "the query");
  const types = read("type", "patterns of event types, as in user.*", isWord);
  return {
    limit: parseLimit(given["limit"]),
    types: types === undefined ? undefined : parseEventTypePatterns(types, "type of the query"),
    state: read("state", states.join(", "), isOneOf(states)),
    direction: read("direction", directions.join(", "), isOneOf(directions)),
    since: parseSince(given["since"], now),
    org: read("org", "the code, id or name of an organization", isWord),
    email: read("email", "an e-mail address, or a part of one", isWord),
  };
}

function parseLimit(value: unknown): number {
  if (value === undefined) return 100;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxListed) return limit;
  throw new InvalidOptionError("limit", `a whole number from 1 to ${maxListed}`, describeValue(value));
}

function parseSince(value: unknown, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : "";
  const durationMs = readDuration(text);
  const time = durationMs === undefined ? readTime(text) : now - durationMs;
  if (!Number.isNaN(time)) return time;
  throw new InvalidOptionError(
    "since of the query",
    "a time back from now, as in 30m or 2h, or one of ISO 8601, as in 2026-01-31T12:00:00Z",
    describeValue(value),
  );
}

/** Dates as people write them mean different days in different places. */
function readTime(text: string): number {
  return /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isOneOf<const Name extends string>(names: readonly Name[]): (value: unknown) => value is Name {
  return (value): value is Name => names.some((name) => name === value);
}
