/** JSON Web Key Sets (RFC 7517, section 5) as Kinde publishes them, written and read. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { DevhookError } from "./errors.ts";
import { isJsonObject } from "./json.ts";
import { isText, parseOption } from "./parse-option.ts";
import { minModulusBits, type PublicJwk } from "./signing-key.ts";

export interface Jwks {
  readonly keys: readonly PublicJwk[];
}

/** Where verification gets its keys from. */
export interface KeySource {
  /** The issuer whose keys these are, a URL without a slash at the end. */
  readonly issuer: string;
  /**
   * The public key with this id, or `undefined`.
   * @throws {DevhookError} `ERR_JWKS_UNREACHABLE` or `ERR_JWKS_INVALID` when the set can't be had
   */
  keyFor(kid: string): Promise<KeyObject | undefined>;
}

/** The paths at which Kinde's clients look for the JWKS. */
export const jwksPaths: readonly string[] = ["/.well-known/jwks", "/.well-known/jwks.json"];

/** What an issuer answered is no JWKS. */
export class InvalidJwksError extends DevhookError {
  override readonly code = "ERR_JWKS_INVALID";
  override readonly exitCode = 3;
  constructor(
    from: string,
    cause: string,
    advice = "Is that the issuer's URL, as in https://acme.kinde.com?",
  ) {
    super(`Failed to read the JWKS of ${from}: ${cause}. ${advice}`);
  }
}

/**
 * A key source over a set at hand; what is no usable key in it is passed over, as by `parseJwks`.
 * @throws {InvalidJwksError} `ERR_JWKS_INVALID`
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function createLocalJwks(issuer: string, jwks: Jwks): KeySource {
  parseOption("issuer of createLocalJwks", issuer, "a URL, as in http://localhost:4455", isText);
  if (!isJwks(jwks)) {
    throw new InvalidJwksError(
      issuer,
      'what was given is no object with "keys"',
      "Give { keys: [key.publicJwk] }.",
    );
  }
  const keys = importKeys(parseJwks(jwks, issuer));
  return { issuer, keyFor: (kid) => Promise.resolve(keys.get(kid)) };
}

/** Where verification gets keys that may change over time, told at once which there are. */
export interface FollowedJwks extends KeySource {
  /** Whether the set has a key with this id now. */
  has(kid: string): boolean;
}

/**
 * A key source over a set of our own.
 * @param jwks asked at every use; the same object stands for the same keys
 */
export function followJwks(issuer: string, jwks: () => Jwks): FollowedJwks {
  let imported: { readonly from: Jwks; readonly keys: ReadonlyMap<string, KeyObject> } | undefined;
  const keysNow = (): ReadonlyMap<string, KeyObject> => {
    const from = jwks();
    if (imported?.from !== from) imported = { from, keys: importKeys(from) };
    return imported.keys;
  };
  return {
    issuer,
    has: (kid) => keysNow().has(kid),
    keyFor: (kid) => Promise.resolve(keysNow().get(kid)),
  };
}

/**
 * The usable members of a JWKS from outside: public RSA keys of 2048 bits or more with `use: "sig"` and a `kid`.
 * Only the members of a public key are copied. A set without any is valid, and empty.
 * @param from how to name its origin in the error
 * @throws {InvalidJwksError} `ERR_JWKS_INVALID`
 */
export function parseJwks(value: unknown, from: string): Jwks {
  if (!isJwks(value)) throw new InvalidJwksError(from, 'the answer is no object with "keys"');
  return { keys: value.keys.flatMap((member) => parsePublicJwk(member) ?? []) };
}

/** The public keys of a set by key id; of two members with one id the first counts. */
export function importKeys(jwks: Jwks): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  for (const jwk of jwks.keys) {
    if (!keys.has(jwk.kid)) keys.set(jwk.kid, createPublicKey({ key: { ...jwk }, format: "jwk" }));
  }
  return keys;
}

/** Whether a key may verify webhook tokens: RSA, public, 2048 bits or more, whoever gave it to us. */
export function isVerificationKey(key: KeyObject): boolean {
  return (
    key.type === "public" &&
    key.asymmetricKeyType === "rsa" &&
    (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minModulusBits
  );
}

function isJwks(value: unknown): value is { readonly keys: readonly unknown[] } {
  return isJsonObject(value) && Array.isArray(value["keys"]);
}

/** One member of a JWKS, if it is usable. */
export function parsePublicJwk(member: unknown): PublicJwk | undefined {
  if (!isJsonObject(member)) return undefined;
  const { kty, use, alg, kid, e, n } = member;
  if (kty !== "RSA" || use !== "sig" || (alg !== undefined && alg !== "RS256")) return undefined;
  if (typeof kid !== "string" || typeof e !== "string" || typeof n !== "string") return undefined;
  const jwk: PublicJwk = { e, n, alg: "RS256", kid, kty, use };
  return isStrongKey(jwk) ? jwk : undefined;
}

function isStrongKey(jwk: PublicJwk): boolean {
  try {
    return isVerificationKey(createPublicKey({ key: { ...jwk }, format: "jwk" }));
  } catch {
    return false;
  }
}
