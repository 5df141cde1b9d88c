import { isJsonObject } from "../kinde/json.ts";
import type { KeySource } from "../kinde/jwks.ts";
import {
  createOptionReader,
  isFunction,
  isNumber,
  parseOption,
  parseOptions,
} from "../kinde/parse-option.ts";
import { verifyToken as verifyTokenAt, type VerifiedToken } from "../kinde/verify.ts";
import { readNow } from "./origin-options.ts";

export interface VerifyTokenOptions {
  /** Refuse an event that is older, in milliseconds. Default: any age is taken, for webhook tokens never expire. */
  readonly maxAgeMs?: number | undefined;
  /** A `Date` or epoch milliseconds. Default: now. */
  readonly now?: Date | number | undefined;
}

/**
 * Checks signature, key and shape of a webhook token.
 * @param keys what `createLocalJwks` or `createRemoteJwks` makes
 * @returns the event, or the reason as a code and a sentence; never throws for what a token holds
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export async function verifyToken(
  token: string,
  keys: KeySource,
  options: VerifyTokenOptions = {},
): Promise<VerifiedToken> {
  parseOption("keys of verifyToken", keys, "what createLocalJwks or createRemoteJwks makes", isKeySource);
  const given = parseOptions(options, "verifyToken", ["maxAgeMs", "now"]);
  const limitMs = createOptionReader(given, "verifyToken")("maxAgeMs", "milliseconds, 0 or more", isAge);
  const now = readNow(given["now"], "verifyToken") ?? Date.now();
  return await verifyTokenAt(token, keys, limitMs === undefined ? {} : { maxAge: { limitMs, now } });
}

function isAge(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}

function isKeySource(value: unknown): value is KeySource {
  return isJsonObject(value) && isFunction((value as Readonly<Record<string, unknown>>)["keyFor"]);
}
