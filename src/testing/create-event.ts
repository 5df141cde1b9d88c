import type { EventType } from "../kinde/event-data.ts";
import { createEvent as createEventAt, type CreateEventOptions, type KindeEvent } from "../kinde/events.ts";
import { maxNow, type Origin } from "../kinde/ids.ts";
import { isFunction, isWholeNumber, parseOption, parseOptions } from "../kinde/parse-option.ts";
import { createRandomPool } from "../app/random-pool.ts";
import { parseEmitRequest } from "../mock/emit-request.ts";

const systemBytes = createRandomPool();
const optionNames = ["data", "set", "unset", "source", "onWarning"];

/**
 * An event as Kinde would produce it: the sample of its type, a fresh `event_id` and `timestamp`, your overrides.
 * @param origin the time in epoch milliseconds and the randomness that its ids are made of; default: now, and the system's
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {InvalidPathError} `ERR_INVALID_PATH` for an override that can't be applied
 */
export function createEvent<Type extends EventType>(
  type: Type,
  options: CreateEventOptions<Type> = {},
  origin: Partial<Origin> = {},
): KindeEvent<Type> {
  // A caller without types may give anything.
  const { onWarning, ...overrides } = parseOptions(options, "createEvent", optionNames);
  parseEmitRequest({ ...overrides, type }, "createEvent");
  if (onWarning !== undefined) parseOption("onWarning of createEvent", onWarning, "a function", isFunction);
  parseOptions(origin, "createEvent's origin", ["now", "randomBytes"]);
  const { now = Date.now(), randomBytes = systemBytes } = origin;
  parseOption("now of createEvent", now, "epoch milliseconds as a whole number", isWholeNumber(0, maxNow));
  parseOption("randomBytes of createEvent", randomBytes, "a function that gives bytes", isFunction);
  return createEventAt(type, options, { now, randomBytes });
}
