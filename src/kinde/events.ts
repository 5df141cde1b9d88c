/**
 * The events Kinde sends, as types and as objects.
 * Source: captured tokens of 2024, @kinde/webhooks 1.0.0, Kinde's docs of 2026; each fixture says which.
 */
import { DevhookError, InvalidOptionError } from "./errors.ts";
import type { EventDataByType, EventType } from "./event-data.ts";
import { eventFixture, parseEventType } from "./event-types.ts";
import { createEventId, type Origin } from "./ids.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { applyOverrides, type Overrides, type OverrideWarning } from "./overrides.ts";
import { isText, parseOption } from "./parse-option.ts";

export const eventSources = ["admin", "api", "user"] as const;

/** Who caused the event. */
export type EventSource = (typeof eventSources)[number];

/** The event types that carry an `ip_address` claim beside `data`. */
export type AuthenticationEventType = "user.authenticated" | "user.authentication_failed";

/**
 * The claims of a webhook token: all that Kinde sends, and no more.
 * There is no `iss`, `aud`, `exp`, `iat` or `sub`: a handler that asserts one refuses every real webhook.
 */
export type KindeEvent<Type extends EventType = EventType> = Type extends EventType
  ? {
      readonly type: Type;
      readonly data: EventDataByType[Type];
      /** `event_` and 32 hex: 12 of Unix milliseconds, 20 random. The same in every attempt and at every webhook. */
      readonly event_id: string;
      /** RFC 3339. */
      readonly timestamp: string;
      /** RFC 3339; in the docs of 2026, absent in captures of 2024. */
      readonly event_timestamp?: string;
      readonly source: EventSource;
    } & (Type extends AuthenticationEventType ? { readonly ip_address: string } : unknown)
  : never;

/** The claims of a webhook token as they came. Its `type` may be one that this version does not know. */
export interface ReceivedEvent {
  readonly type: string;
  readonly event_id: string;
  readonly timestamp: string;
  readonly source?: unknown;
  readonly data: JsonObject;
}

/** Overrides left something that is no event any more. */
export class NotAnEventError extends DevhookError {
  override readonly code = "ERR_NOT_AN_EVENT";
  constructor(claims: JsonObject) {
    const wrong = [
      ...textClaims.filter((name) => !isFilledText(claims[name])).map((name) => `${name} is no text`),
      ...(isJsonObject(claims["data"]) ? [] : ["data is no object"]),
    ];
    super(
      `Failed to create the event: with what was set and unset, its ${wrong.join(", its ")}. ` +
        "Set it to a value of its own kind, and do not unset it.",
    );
  }
}

export interface CreateEventOptions<Type extends EventType = EventType> extends Overrides<
  EventDataByType[Type]
> {
  /** Default `api`, except `user` for authentication events. */
  readonly source?: EventSource | undefined;
  /** Called for an override that was applied but looks like a mistake. */
  readonly onWarning?: ((warning: OverrideWarning) => void) | undefined;
}

const undrawnId = "event_";

// TEST-NET-3 (RFC 5737): an address that belongs to nobody.
const sampleIpAddress = "203.0.113.7";

/**
 * An event as Kinde would produce it now: the sample of its type, a fresh `event_id` and `timestamp`, your overrides.
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` for a `source` Kinde does not have
 * @throws {InvalidPathError} `ERR_INVALID_PATH` for an override that can't be applied
 */
export function createEvent<Type extends EventType>(
  type: Type,
  options: CreateEventOptions<Type>,
  origin: Origin,
): KindeEvent<Type> {
  const fixture = eventFixture(type);
  const timestamp = new Date(origin.now).toISOString();
  const claims = {
    data: structuredClone(fixture.data) as unknown as JsonObject,
    event_id: undrawnId,
    event_timestamp: timestamp,
    ...(isAuthenticationEventType(type) && { ip_address: sampleIpAddress }),
    source: parseEventSource(options.source ?? defaultSource(type), "source"),
    timestamp,
    type,
  };
  const event = applyOverrides(claims, options, options.onWarning);
  if (!isEvent(event)) throw new NotAnEventError(claims);
  // Drawn last: a call that fails draws nothing, and what a seed gives to the next one stays the same.
  if (event.event_id === undrawnId) (event as JsonObject)["event_id"] = createEventId(origin);
  return event as unknown as KindeEvent<Type>;
}

/** Whether claims have the shape of an event: `type`, `event_id`, `timestamp` as text, `data` as an object. */
export function isEvent(claims: unknown): claims is ReceivedEvent & JsonObject {
  return (
    isJsonObject(claims) &&
    textClaims.every((name) => isFilledText(claims[name])) &&
    isJsonObject(claims["data"])
  );
}

/** Whether an event is of a type, and so has its data: narrows what `verifyToken` and `decodeToken` give. */
export function isEventOfType<Type extends EventType>(
  event: { readonly type: string } | undefined,
  type: Type,
): event is KindeEvent<Type> {
  return event?.type === parseEventType(parseOption("type of isEventOfType", type, "an event type", isText));
}

/**
 * Narrows text to an event source.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseEventSource(text: string, option: string): EventSource {
  const source = eventSources.find((known) => known === text);
  if (source === undefined) {
    throw new InvalidOptionError(option, eventSources.join(", "), JSON.stringify(text));
  }
  return source;
}

const textClaims = ["type", "event_id", "timestamp"] as const;

function isFilledText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isAuthenticationEventType(type: EventType): type is AuthenticationEventType {
  return type === "user.authenticated" || type === "user.authentication_failed";
}

function defaultSource(type: EventType): EventSource {
  return isAuthenticationEventType(type) ? "user" : "api";
}
