/** The catalogue of event types: what `fixtures/events` holds, looked up and listed. */
import { closest } from "./closest.ts";
import { InvalidOptionError, UnknownEventTypeError } from "./errors.ts";
import type { EventDataByType, EventType } from "./event-data.ts";
import { eventFixtures } from "./event-fixtures.ts";
import { describeValue, isText, parseOption } from "./parse-option.ts";

/**
 * How sure a shape is: `captured` from a real token, `typed` in an official package,
 * `unverified` where no official source describes it.
 */
export type Confidence = "captured" | "typed" | "unverified";

/** One file of `fixtures/events`. */
export interface EventFixture<Type extends EventType = EventType> {
  readonly type: Type;
  readonly category: string;
  readonly description: string;
  readonly confidence: Confidence;
  /** Where the shape is known from. */
  readonly source: string;
  readonly data: EventDataByType[Type];
}

/** Every event type of Kinde, sorted. */
export const eventTypes: readonly EventType[] = (Object.keys(eventFixtures) as EventType[]).sort();

/** `user.*` and its like. */
const patternsOfOneKind = [...new Set(eventTypes.map((type) => type.replace(/[^.]*$/, "*")))];

/** The patterns that people use: all, all of one kind, each type. */
export const eventTypePatterns: readonly string[] = ["*", ...patternsOfOneKind, ...eventTypes];

/**
 * The sample of an event type, with where it is known from.
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`, naming the nearest
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when it is no text
 */
export function eventFixture<Type extends EventType>(type: Type): EventFixture<Type> {
  // The JSON modules type `type` and `confidence` as plain strings; a test holds them to the unions.
  return eventFixtures[
    parseEventType(parseOption("event type", type, "an event type", isText))
  ] as EventFixture as EventFixture<Type>;
}

/**
 * Narrows text to an event type.
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`, naming the nearest
 */
export function parseEventType(text: string): EventType {
  if (Object.hasOwn(eventFixtures, text)) return text as EventType;
  throw new UnknownEventTypeError(text, closestPattern(text));
}

/**
 * The event types that a list of patterns names: `user.created`, `user.*`, `*`, joined by commas.
 * @returns in the order of the patterns, each type once
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE` when a pattern names none
 */
export function matchEventTypes(patterns: string): EventType[] {
  return [...new Set(splitPatterns(patterns).flatMap(matchPattern))];
}

/**
 * A list of patterns about what was recorded: it may name event types that this version does not know.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when one can't be a pattern of event types
 */
export function parseEventTypePatterns(text: string, option: string): string {
  if (splitPatterns(text).every((pattern) => /^[\w.*-]{1,100}$/.test(pattern))) return text;
  throw new InvalidOptionError(
    option,
    "event types, or patterns of them, as in user.created or user.*",
    describeValue(text),
  );
}

/** The patterns of a list that name no event type this version knows, each with the nearest that does. */
export function unknownEventTypes(
  patterns: string,
): readonly { readonly pattern: string; readonly closest: string | undefined }[] {
  return splitPatterns(patterns)
    .filter((pattern) => !eventTypes.some((type) => matchesPattern(type, pattern)))
    .map((pattern) => ({ pattern, closest: closestPattern(pattern) }));
}

/**
 * Whether a list of patterns, as `matchEventTypes` reads it, names an event type. Unlike there the type may be one
 * that this version does not know: Kinde adds event types.
 */
export function matchesEventType(patterns: string, type: string): boolean {
  return splitPatterns(patterns).some((pattern) => matchesPattern(type, pattern));
}

function splitPatterns(patterns: string): string[] {
  return patterns.split(",").map((pattern) => pattern.trim());
}

function matchPattern(pattern: string): EventType[] {
  if (!pattern.includes("*")) return [parseEventType(pattern)];
  const matched = eventTypes.filter((type) => matchesPattern(type, pattern));
  if (matched.length === 0) throw new UnknownEventTypeError(pattern, closestPattern(pattern));
  return matched;
}

function closestPattern(pattern: string): string | undefined {
  if (pattern.includes("*")) return closest(pattern, [...patternsOfOneKind, ...eventTypes]);
  const isCategory = eventTypes.some((type) => type.startsWith(`${pattern}.`));
  return isCategory ? `${pattern}.*` : closest(pattern, eventTypes);
}

function matchesPattern(type: string, pattern: string): boolean {
  if (!pattern.includes("*")) return type === pattern;
  const [start = "", ...rest] = pattern.split("*");
  if (!type.startsWith(start)) return false;
  let position = start.length;
  const end = rest.pop() ?? "";
  for (const part of rest) {
    const found = type.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return type.length - end.length >= position && type.endsWith(end);
}
