/** A fixed time and a seed, as callers give them. */
import { isDate } from "node:util/types";
import { maxNow } from "../kinde/ids.ts";
import { isText, isWholeNumber, parseOption } from "../kinde/parse-option.ts";

/**
 * @param of whose option it is, for the error
 * @returns epoch milliseconds
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readNow(value: unknown, of: string): number | undefined {
  if (value === undefined) return undefined;
  return parseOption(
    `now of ${of}`,
    isDate(value) ? value.getTime() : value,
    "a Date, or epoch milliseconds as a whole number",
    isWholeNumber(0, maxNow),
  );
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
export function readSeed(value: unknown, of: string): string | number | undefined {
  return value === undefined
    ? undefined
    : parseOption(`randomSeed of ${of}`, value, "text or a number", isSeed);
}

function isSeed(value: unknown): value is string | number {
  return isText(value) || (typeof value === "number" && Number.isFinite(value));
}
