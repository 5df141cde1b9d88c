/** `rotateKey` and `retireKey` of a mock. */
import { InvalidOptionError } from "../kinde/errors.ts";
import { isText } from "../kinde/parse-option.ts";
import { createSigningKey, type SigningKey } from "../kinde/signing-key.ts";
import type { KeysInMemory } from "../kinde/signing-keys.ts";
import { readSigningKey } from "./mock-options.ts";

/**
 * @param given by a caller who may have no types
 * @param assertGoesOn throws when the mock was closed or reset while a key was made: it would be another test's
 */
export async function rotateMockKey(
  keys: KeysInMemory,
  given: unknown,
  assertGoesOn: () => void,
): Promise<SigningKey> {
  const next =
    given === undefined ? await createSigningKey() : readSigningKey(given, "signingKey of rotateKey");
  assertGoesOn();
  keys.rotateTo(next);
  return next;
}

export function retireMockKey(keys: KeysInMemory, kid: unknown): void {
  if (kid !== undefined && !isText(kid)) {
    // What was given is not shown: it may be a private key.
    throw new InvalidOptionError("kid of retireKey", "a key id", "what is no text");
  }
  keys.retire(kid === undefined ? [] : [kid]);
}
