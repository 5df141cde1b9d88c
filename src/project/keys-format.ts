/** What `keys.json` holds: the signing key first, behind it the public parts of those that signed before. */
import { DevhookError } from "../kinde/errors.ts";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { parsePublicJwk } from "../kinde/jwks.ts";
import { createKeySet, type IssuerKey, type KeySet } from "../kinde/key-set.ts";
import {
  exportPrivateJwk,
  importSigningKey,
  InvalidSigningKeyError,
  keyIdOf,
  type SigningKey,
} from "../kinde/signing-key.ts";

export class KeysDamagedError extends DevhookError {
  override readonly code = "ERR_KEYS_DAMAGED";
  readonly path: string;
  constructor(path: string, cause: string) {
    super(
      `Failed to read ${path}: ${cause}. It was left as it is. ` +
        "Restore it, or move it away and the next command makes a new key (restart what cached the old JWKS).",
    );
    this.path = path;
  }
}

export function formatKeys({ signingKey, keys: [signing, ...rotated] }: KeySet): string {
  const { kid, createdAt } = signing!;
  const keys = [
    { kid, createdAt, privateKey: exportPrivateJwk(signingKey) },
    ...rotated.map((key) => ({
      kid: key.kid,
      createdAt: key.createdAt,
      rotatedAt: key.rotatedAt,
      publicKey: key.publicJwk,
    })),
  ];
  return `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;
}

/**
 * @param path for the error
 * @throws {KeysDamagedError} `ERR_KEYS_DAMAGED`
 */
export function parseKeys(text: string, path: string): KeySet {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new KeysDamagedError(path, "it is no JSON");
  }
  if (!isJsonObject(file) || !Array.isArray(file["keys"])) {
    throw new KeysDamagedError(path, 'it has no "keys"');
  }
  if (file["version"] !== 1) {
    throw new KeysDamagedError(
      path,
      `its version is ${JSON.stringify(file["version"])}, and this kinde-devhook knows 1`,
    );
  }
  const [first, ...others] = file["keys"];
  if (!isJsonObject(first)) throw new KeysDamagedError(path, "it holds no key");
  const signingKey = parseSigningRecord(first, path);
  const createdAt = readTime(first, "createdAt", path);
  const set = createKeySet(
    signingKey,
    createdAt,
    others.map((record) => parseRotatedRecord(record, path)),
  );
  if (new Set(set.keys.map(({ kid }) => kid)).size < set.keys.length) {
    throw new KeysDamagedError(path, "it holds a key twice");
  }
  return set;
}

function parseSigningRecord(record: JsonObject, path: string): SigningKey {
  let key: SigningKey;
  try {
    key = importSigningKey(record["privateKey"]);
  } catch (error) {
    if (!(error instanceof InvalidSigningKeyError)) throw error;
    throw new KeysDamagedError(path, `its key is ${error.problem}`);
  }
  // The key id follows from the key: damaged numbers make another, and tokens that nobody could verify.
  if (record["kid"] !== key.kid) throw new KeysDamagedError(path, "its key does not belong to its kid");
  return key;
}

function parseRotatedRecord(record: unknown, path: string): IssuerKey {
  const publicJwk = isJsonObject(record) ? parsePublicJwk(record["publicKey"]) : undefined;
  if (!isJsonObject(record) || publicJwk === undefined) {
    throw new KeysDamagedError(path, "behind the first key it holds what is no public key");
  }
  const kid = keyIdOf(publicJwk);
  if (record["kid"] !== kid || publicJwk.kid !== kid) {
    throw new KeysDamagedError(path, "a public key of it does not belong to its kid");
  }
  return {
    kid,
    state: "rotated",
    createdAt: readTime(record, "createdAt", path),
    rotatedAt: readTime(record, "rotatedAt", path),
    publicJwk,
  };
}

function readTime(record: JsonObject, name: string, path: string): string {
  const time = record[name];
  if (typeof time === "string") return time;
  throw new KeysDamagedError(path, `a key of it has no "${name}"`);
}
