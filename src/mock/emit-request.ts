import { parseEventType } from "../kinde/event-types.ts";
import { parseEventSource } from "../kinde/events.ts";
import { InvalidOptionError } from "../kinde/errors.ts";
import { parseFault } from "../kinde/faults.ts";
import { isJsonObject } from "../kinde/json.ts";
import type { Assignments } from "../kinde/overrides.ts";
import {
  createOptionReader,
  describeValue,
  isText,
  isTexts,
  isWait,
  isWholeNumber,
  parseOption,
} from "../kinde/parse-option.ts";
import type { EmitRequest } from "./mock.ts";

/**
 * Narrows what another process, or a caller without types, wants emitted: `type`, and what `EmitRequest` has beside it.
 * Keys that are none of these are passed over.
 * @param of what the values belong to, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 * @throws {UnknownFaultError} `ERR_UNKNOWN_FAULT`
 */
export function parseEmitRequest(value: unknown, of: string): Omit<EmitRequest, "to"> {
  if (!isJsonObject(value)) throw new InvalidOptionError(of, "an object", describeValue(value));
  const read = createOptionReader(value, of);
  const source = read("source", "text", isText);
  const fault = read("fault", "the name of a fault", isText);
  return {
    type: parseEventType(parseOption(`type of ${of}`, value["type"], "one event type", isOneType)),
    ...(source !== undefined && { source: parseEventSource(source, `source of ${of}`) }),
    ...defined("data", read("data", "an object", isJsonObject)),
    ...defined("set", read("set", "an object of paths and values, or pairs of them", isAssignments)),
    ...defined("unset", read("unset", "an array of paths", isTexts)),
    ...defined("webhookId", read("webhookId", "1 to 256 visible ASCII characters", isHeaderValue)),
    ...defined("timeoutMs", read("timeoutMs", "milliseconds from 1 to 3600000", isWait)),
    ...(fault !== undefined && { fault: parseFault(fault) }),
    ...defined("expectedStatus", read("expectedStatus", "a status from 200 to 599", isWholeNumber(200, 599))),
  };
}

/**
 * Narrows where another process wants an event delivered in place of the webhooks: one URL or several.
 * @returns `undefined` when it does not say
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseTo(value: unknown, of: string): readonly string[] | undefined {
  const to = isJsonObject(value) ? value["to"] : undefined;
  if (to === undefined) return undefined;
  const expected = "a URL of http or https, or an array of them";
  const texts = parseOption(`to of ${of}`, isText(to) ? [to] : to, expected, isSomeTexts);
  return texts.map((text) => parseEndpoint(text, `to of ${of}`, expected));
}

/**
 * Narrows a URL that an event may be delivered to.
 * @param option how to name it in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseEndpoint(text: string, option: string, expected: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hasPassword = url !== undefined && url.username + url.password !== "";
  if (url !== undefined && /^https?:$/.test(url.protocol) && !hasPassword) return url.href;
  throw new InvalidOptionError(
    option,
    `${expected}, without user and password`,
    hasPassword ? "one with them" : describeValue(text),
  );
}

/** The member, unless its value is `undefined`. */
function defined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: Value });
}

/** Patterns are for webhooks. */
function isOneType(value: unknown): value is string {
  return isText(value) && !value.includes("*");
}

function isSomeTexts(value: unknown): value is string[] {
  return isTexts(value) && value.length > 0;
}

function isAssignments(value: unknown): value is Assignments {
  return (
    isJsonObject(value) ||
    (Array.isArray(value) &&
      [...value].every((pair) => Array.isArray(pair) && pair.length === 2 && isText(pair[0])))
  );
}

function isHeaderValue(value: unknown): value is string {
  return isText(value) && /^[\x21-\x7e]{1,256}$/.test(value);
}
