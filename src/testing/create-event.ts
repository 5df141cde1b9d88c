import { createRandomPool } from "../app/random-pool.ts";
import type { EventType } from "../kinde/event-data.ts";
import { createEvent as createEventAt, type CreateEventOptions, type KindeEvent } from "../kinde/events.ts";
import { parseOptions } from "../kinde/parse-option.ts";
import { parseEmitRequest } from "../mock/emit-request.ts";
import { readOnWarning } from "./on-warning.ts";
import { readNow, readSeed } from "./origin-options.ts";
import { createSeededBytes } from "./seeded-bytes.ts";

/** What an event's ids and times are made of. */
export interface EventOrigin {
  /** A `Date` or epoch milliseconds. Default: now. */
  readonly now?: Date | number | undefined;
  /** Makes the ids follow from it. Default: they are random. */
  readonly randomSeed?: string | number | undefined;
}

const systemBytes = createRandomPool();
const optionNames = ["data", "set", "unset", "source", "onWarning"];

/**
 * An event as Kinde would produce it: the sample of its type, a fresh `event_id` and `timestamp`, your overrides.
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {InvalidPathError} `ERR_INVALID_PATH` for an override that can't be applied
 */
export function createEvent<Type extends EventType>(
  type: Type,
  options: CreateEventOptions<NoInfer<Type>> = {},
  origin: EventOrigin = {},
): KindeEvent<Type> {
  // A caller without types may give anything.
  const { onWarning, ...overrides } = parseOptions(options, "createEvent", optionNames);
  parseEmitRequest({ ...overrides, type }, "createEvent");
  const given = parseOptions(origin, "createEvent's origin", ["now", "randomSeed"]);
  const now = readNow(given["now"], "createEvent") ?? Date.now();
  const seed = readSeed(given["randomSeed"], "createEvent");
  const randomBytes = seed === undefined ? systemBytes : createSeededBytes(`events ${seed}`);
  return createEventAt(
    type,
    { ...options, onWarning: readOnWarning(onWarning, "createEvent") },
    { now, randomBytes },
  );
}
