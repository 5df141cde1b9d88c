/** RSA keys as Kinde has them: 2048 bits, RS256, a key id of 16 lower-case hex bytes joined by colons. */
import { createHash, createPrivateKey, generateKeyPair, KeyObject, type JsonWebKey } from "node:crypto";
import { promisify } from "node:util";
import { DevhookError, InvalidOptionError } from "./errors.ts";
import { isJsonObject } from "./json.ts";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** One member of a JWKS, in the order in which Kinde writes it. */
export interface PublicJwk {
  readonly e: string;
  readonly n: string;
  readonly alg: "RS256";
  readonly kid: string;
  readonly kty: "RSA";
  readonly use: "sig";
}

/** What was given as a signing key is none. */
export class InvalidSigningKeyError extends DevhookError {
  override readonly code = "ERR_INVALID_KEY";
  /** As part of a sentence. */
  readonly problem: string;
  constructor(problem: string, cause?: unknown) {
    super(
      `Failed to import the signing key: it is ${problem}. exportPrivateJwk writes one that can be read.`,
    );
    this.problem = problem;
    this.cause = cause;
  }
}

/** What Kinde's keys have at the least. */
export const minModulusBits = 2048;

/** A new key; takes about 0.1 s, so keep it. */
export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: minModulusBits });
  return signingKeyOf(privateKey);
}

/**
 * A key from its private JWK (RFC 7518, section 6.3). The key id follows from the key itself.
 * @throws {InvalidSigningKeyError} `ERR_INVALID_KEY` when it is no private RSA key of 2048 bits or more
 */
export function importSigningKey(jwk: unknown): SigningKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch (cause) {
    throw new InvalidSigningKeyError("not a private key in JWK form", cause);
  }
  if (
    privateKey.asymmetricKeyType !== "rsa" ||
    (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < minModulusBits
  ) {
    throw new InvalidSigningKeyError(`not an RSA key of ${minModulusBits} bits or more`);
  }
  return signingKeyOf(privateKey);
}

/**
 * Narrows what a caller without types gives as a signing key.
 * @param option how to name the option in the error, which tells nothing of the value: it may be a private key
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseSigningKey(value: unknown, option: string): SigningKey {
  if (isSigningKey(value)) return value;
  throw new InvalidOptionError(
    option,
    "a key of createSigningKey or importSigningKey",
    kindOf(value),
    "importSigningKey makes one of a private JWK.",
  );
}

function isSigningKey(value: unknown): value is SigningKey {
  if (!isJsonObject(value)) return false;
  const { kid, privateKey, publicJwk } = value as Readonly<Record<string, unknown>>;
  return (
    typeof kid === "string" &&
    privateKey instanceof KeyObject &&
    privateKey.type === "private" &&
    privateKey.asymmetricKeyType === "rsa" &&
    isJsonObject(publicJwk)
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "object" ? "an object that is none" : `a ${typeof value}`;
}

/** The private JWK. Whoever has it can sign as this issuer. */
export function exportPrivateJwk(key: SigningKey): JsonWebKey {
  return parseSigningKey(key, "key of exportPrivateJwk").privateKey.export({ format: "jwk" });
}

/** The key id of a public key: it follows from its numbers. */
export function keyIdOf({ e, n }: Pick<PublicJwk, "e" | "n">): string {
  return createHash("sha256")
    .update(`${e}.${n}`)
    .digest("hex")
    .slice(0, 32)
    .replaceAll(/..(?!$)/g, "$&:");
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const { e, n } = privateKey.export({ format: "jwk" }) as { e: string; n: string };
  const kid = keyIdOf({ e, n });
  return { kid, privateKey, publicJwk: { e, n, alg: "RS256", kid, kty: "RSA", use: "sig" } };
}
