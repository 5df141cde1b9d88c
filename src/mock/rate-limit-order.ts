import { createOptionReader, isWholeNumber, parseOptions } from "../kinde/parse-option.ts";
import type { RateLimitOrder } from "./rate-limit.ts";

/**
 * Narrows what another process, or a caller without types, orders: one call and one second for what it leaves out.
 * @param of what the values belong to, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseRateLimit(value: unknown, of: string): RateLimitOrder {
  const read = createOptionReader(parseOptions(value, of, ["calls", "resetSeconds"]), of);
  return {
    calls: read("calls", "a whole number from 0 to 10000", isWholeNumber(0, 10_000)) ?? 1,
    resetSeconds: read("resetSeconds", "whole seconds from 0 to 3600", isWholeNumber(0, 3_600)) ?? 1,
  };
}
