/** The keys of an issuer at one moment: the one that signs, and those that signed before it and still verify. */
import { closest } from "./closest.ts";
import { DevhookError, InvalidOptionError } from "./errors.ts";
import type { Jwks } from "./jwks.ts";
import type { PublicJwk, SigningKey } from "./signing-key.ts";

export interface KeySet {
  readonly signingKey: SigningKey;
  /** That of `signingKey` first, then those before it, the latest first. */
  readonly keys: readonly IssuerKey[];
  /** Their public parts, in the same order. */
  readonly jwks: Jwks;
}

export interface IssuerKey {
  readonly kid: string;
  /** A rotated key verifies what it has signed, and signs no more. */
  readonly state: "signing" | "rotated";
  /** ISO 8601; absent where nobody notes it. */
  readonly createdAt?: string | undefined;
  /** When another took its place, ISO 8601; absent where nobody notes it. */
  readonly rotatedAt?: string | undefined;
  readonly publicJwk: PublicJwk;
}

/** There is no such key to retire. */
export class UnknownKeyError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_KEY";
  readonly kid: string;
  constructor(kid: string, known: readonly IssuerKey[]) {
    const shown = kid.length > 100 ? `${kid.slice(0, 100)}…` : kid;
    const kids = known.map((key) => key.kid);
    const nearest = closest(kid, kids);
    super(
      `Failed to retire ${JSON.stringify(shown)}: there is no such key. ` +
        (nearest === undefined ? `There are: ${kids.join(", ")}.` : `Did you mean "${nearest}"?`),
    );
    this.kid = kid;
  }
}

/** The key that signs can't be retired: nothing could be signed any more. */
export class KeySignsError extends DevhookError {
  override readonly code = "ERR_KEY_SIGNS";
  readonly kid: string;
  constructor(kid: string) {
    super(
      `Failed to retire ${kid}: it is the key that signs. ` +
        "Have another sign first: `npx kinde-devhook keys rotate`, or rotateKey() of a mock in a test.",
    );
    this.kid = kid;
  }
}

/** @param rotated those that signed before, the latest first */
export function createKeySet(
  signingKey: SigningKey,
  createdAt?: string,
  rotated: readonly IssuerKey[] = [],
): KeySet {
  const { kid, publicJwk } = signingKey;
  const keys: readonly IssuerKey[] = [{ kid, state: "signing", createdAt, publicJwk }, ...rotated];
  return { signingKey, keys, jwks: { keys: keys.map((key) => key.publicJwk) } };
}

/**
 * The set in which another key signs, and the one before it still verifies.
 * @param at ISO 8601
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when that key is there already
 */
export function rotateKey({ keys }: KeySet, next: SigningKey, at?: string): KeySet {
  if (keys.some(({ kid }) => kid === next.kid)) {
    throw new InvalidOptionError("the key that is to sign", "another than those there are", `"${next.kid}"`);
  }
  const [before, ...rotated] = keys;
  return createKeySet(next, at, [{ ...before!, state: "rotated", rotatedAt: at }, ...rotated]);
}

/**
 * The set without rotated keys: what they signed verifies no more.
 * @param kids key ids, or beginnings that name one each; all rotated keys when there are none
 * @returns the very same set when there was nothing to retire
 * @throws {UnknownKeyError} `ERR_UNKNOWN_KEY`
 * @throws {KeySignsError} `ERR_KEY_SIGNS`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when several keys begin so
 */
export function retireKeys(set: KeySet, kids: readonly string[]): KeySet {
  const [signing, ...rotated] = set.keys;
  const retired = kids.length === 0 ? rotated : kids.map((kid) => findRotated(kid, set));
  if (retired.length === 0) return set;
  const left = rotated.filter((key) => !retired.includes(key));
  return createKeySet(set.signingKey, signing!.createdAt, left);
}

function findRotated(kid: string, { keys }: KeySet): IssuerKey {
  const named = keys.filter((key) => key.kid === kid);
  const meant = named.length > 0 || kid === "" ? named : keys.filter((key) => key.kid.startsWith(kid));
  const [key] = meant;
  if (key === undefined) throw new UnknownKeyError(kid, keys);
  if (meant.length > 1) {
    throw new InvalidOptionError(
      "the key id",
      "as much of one as no other begins with",
      `"${kid}", with which ${meant.length} begin`,
    );
  }
  if (key.state === "signing") throw new KeySignsError(key.kid);
  return key;
}
