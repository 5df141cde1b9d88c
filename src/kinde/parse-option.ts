/** Narrowing what a caller gives who may have no types: every error names what was expected and what it got. */
import { inspect } from "node:util";
import { closest } from "./closest.ts";
import { InvalidOptionError } from "./errors.ts";
import { isJsonObject } from "./json.ts";

const shownLength = 100;

/**
 * The value, if it is of the type that is expected.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseOption<Value>(
  option: string,
  value: unknown,
  expected: string,
  is: (value: unknown) => value is Value,
): Value {
  if (is(value)) return value;
  throw new InvalidOptionError(option, expected, describeValue(value));
}

/**
 * An object of options, none of them unknown; an empty one for `undefined`.
 * @param of whose options they are, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`, naming the nearest
 */
export function parseOptions(
  value: unknown,
  of: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  const option = `the options of ${of}`;
  if (!isJsonObject(value)) throw new InvalidOptionError(option, "an object", describeValue(value));
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value;
  // `status` lacks more letters of `expectedStatus` than a slip of the finger.
  const nearest =
    closest(unknown, known) ?? known.find((key) => key.toLowerCase().includes(unknown.toLowerCase()));
  throw new InvalidOptionError(
    option,
    known.join(", "),
    JSON.stringify(unknown),
    nearest === undefined ? undefined : `Did you mean "${nearest}"?`,
  );
}

/** Reads one of several options by its name; `undefined` when it is not given. */
export type ReadOption = <Value>(
  name: string,
  expected: string,
  is: (value: unknown) => value is Value,
) => Value | undefined;

/** @param of whose options they are, for the error */
export function createOptionReader(options: Readonly<Record<string, unknown>>, of: string): ReadOption {
  return (name, expected, is) => {
    const value = options[name];
    return value === undefined ? undefined : parseOption(`${name} of ${of}`, value, expected, is);
  };
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** An array of texts. A hole in it, which `every` passes over, is none. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && [...value].every(isText);
}

export function isFunction(value: unknown): value is (...args: never) => unknown {
  return typeof value === "function";
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}

/** An AbortSignal by what it can do: a test environment may have a class of its own. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}

/** @returns a test for whole numbers within bounds */
export function isWholeNumber(min: number, max: number): (value: unknown) => value is number {
  return (value): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

/** A time in milliseconds, from 1 to an hour. */
export function isWait(value: unknown): value is number {
  return typeof value === "number" && value >= 1 && value <= 3_600_000;
}

/** A value for a sentence: short, whatever it is. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === "") return "nothing";
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
