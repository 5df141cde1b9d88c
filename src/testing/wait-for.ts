import { systemClock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { InvalidOptionError } from "../kinde/errors.ts";
import { matchesEventType, matchEventTypes } from "../kinde/event-types.ts";
import { isText, isWait, parseOption, parseOptions } from "../kinde/parse-option.ts";
import type { DeliveryRecord } from "./delivery-record.ts";
import { WaitTimeoutError } from "./errors.ts";
import type { MockKinde } from "./mock-kinde.ts";
import { readSignal } from "./read-signal.ts";

type Wanted = Parameters<MockKinde["waitFor"]>[0];

const defaultTimeoutMs = 4_000;

/**
 * `waitFor` of a mock.
 * @param closed aborts when the mock is closed or reset, with the error to say so
 * @param onEnd called when it has come to its end, whichever
 */
export async function waitForDelivery(
  record: DeliveryRecord,
  wanted: Wanted,
  options: unknown,
  closed: AbortSignal,
  onEnd: () => void,
): Promise<Delivery> {
  const given = parseOptions(options, "waitFor", ["timeoutMs", "signal"]);
  const timeoutMs = parseOption(
    "timeoutMs of waitFor",
    given["timeoutMs"] === undefined ? defaultTimeoutMs : given["timeoutMs"],
    "milliseconds from 1 to 3600000",
    isWait,
  );
  const signal = readSignal(given["signal"], "waitFor");
  const isWanted = typeof wanted === "function" ? answeringAtOnce(wanted) : isAttempted(wanted);

  const found = new AbortController();
  const ends = AbortSignal.any([found.signal, closed, ...(signal === undefined ? [] : [signal])]);
  const tooLate = async (): Promise<never> => {
    await systemClock.wait(timeoutMs, ends);
    const what = typeof wanted === "function" ? "a delivery" : `a delivery of ${wanted}`;
    throw new WaitTimeoutError(what, timeoutMs, record.all());
  };
  try {
    return await Promise.race([record.find(isWanted, ends), tooLate()]);
  } finally {
    found.abort();
    onEnd();
  }
}

/** An async function would say yes to everything: a promise is neither true nor false. */
function answeringAtOnce(wanted: (delivery: Delivery) => unknown): (delivery: Delivery) => boolean {
  return (delivery) => {
    const answer = wanted(delivery);
    if (typeof answer === "object" && answer !== null && "then" in answer) {
      // Whatever it comes to, nobody asks for it.
      void Promise.allSettled([Promise.resolve(answer)]);
      throw new InvalidOptionError("what the function of waitFor gives", "true or false", "a promise");
    }
    return Boolean(answer);
  };
}

/** @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`: it would be waited for in vain */
function isAttempted(pattern: unknown): (delivery: Delivery) => boolean {
  const text = parseOption("what waitFor waits for", pattern, "an event type or a function", isText);
  matchEventTypes(text);
  // One that was refused stays pending, for Kinde tries again: a test wants to know of it now.
  return ({ state, attempts, event }) =>
    (state !== "pending" || attempts.length > 0) && event !== null && matchesEventType(text, event.type);
}
