import { isAbortSignal, parseOption } from "../kinde/parse-option.ts";

/**
 * @param of whose option it is, for the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function readSignal(value: unknown, of: string): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const signal = parseOption(`signal of ${of}`, value, "an AbortSignal", isAbortSignal);
  return signal instanceof AbortSignal ? signal : follow(signal);
}

const followers = new WeakMap<AbortSignal, AbortSignal>();

/** A signal of this environment for one of another: `AbortSignal.any` takes the other, and never hears of its abort. */
function follow(signal: AbortSignal): AbortSignal {
  const known = followers.get(signal);
  if (known !== undefined) return known;
  const follower = new AbortController();
  const abort = (): void => follower.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  followers.set(signal, follower.signal);
  return follower.signal;
}
