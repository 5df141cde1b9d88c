import { parseOption } from "../kinde/parse-option.ts";

/**
 * @param of whose option it is, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readSignal(value: unknown, of: string): AbortSignal | undefined {
  return value === undefined ? undefined : parseOption(`signal of ${of}`, value, "an AbortSignal", isSignal);
}

/** By what it can do: a test environment may have a class of its own. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}
