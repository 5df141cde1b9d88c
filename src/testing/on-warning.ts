import type { OverrideWarning } from "../kinde/overrides.ts";
import { isFunction, parseOption } from "../kinde/parse-option.ts";

/** Who hears of an override that looks like a mistake: whoever asks to, else whoever runs the program. */
export type OnWarning = (warning: OverrideWarning) => void;

/**
 * @param of whose option it is, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readOnWarning(value: unknown, of: string): OnWarning {
  if (value === undefined) return warn;
  return parseOption(`onWarning of ${of}`, value, "a function", isFunction) as OnWarning;
}

// Without a word a misspelt path would leave the sample's value, and a test green.
function warn({ code, message }: OverrideWarning): void {
  process.emitWarning(message, { type: "KindeDevhookWarning", code });
}
