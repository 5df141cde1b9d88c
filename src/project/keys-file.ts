/** `keys.json`: the project's signing key. Made once, kept, never overwritten when it can't be read. */
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";
import {
  createSigningKey,
  exportPrivateJwk,
  importSigningKey,
  InvalidSigningKeyError,
  type SigningKey,
} from "../kinde/signing-key.ts";
import { createFileOnce } from "./atomic-file.ts";
import { ensureDirectory, type Project } from "./directory.ts";

export interface ProjectKey {
  readonly signingKey: SigningKey;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Whether others could read the private key: `mended` now, or `open` still, for the mode can't be changed. */
  readonly exposure: "none" | "mended" | "open";
}

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

export class KeysUnreadableError extends DevhookError {
  override readonly code = "ERR_KEYS_UNREADABLE";
  readonly path: string;
  constructor(path: string) {
    super(
      `Failed to read ${path}: this user may not. Was a command run with sudo? ` +
        "Give the .kinde-devhook directory back to its owner (chown), or set KINDE_DEVHOOK_HOME to one of your own.",
    );
    this.path = path;
  }
}

/**
 * The project's signing key, made now if there is none. Of two commands that start at once one makes it and both use it.
 * @param now epoch milliseconds
 * @throws {KeysDamagedError} `ERR_KEYS_DAMAGED`
 * @throws {KeysUnreadableError} `ERR_KEYS_UNREADABLE` when it is another user's
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export async function loadSigningKey(project: Project, now: number): Promise<ProjectKey> {
  const path = join(project.directory, "keys.json");
  const known = readKeysFile(path);
  if (known !== undefined) return known;
  const made = await createSigningKey();
  const record = {
    kid: made.kid,
    createdAt: new Date(now).toISOString(),
    privateKey: exportPrivateJwk(made),
  };
  ensureDirectory(project);
  createFileOnce(path, `${JSON.stringify({ version: 1, keys: [record] }, undefined, 2)}\n`);
  const key = readKeysFile(path);
  if (key === undefined) throw new KeysDamagedError(path, "it vanished while it was being made");
  return key;
}

/**
 * The project's signing key, if it has one; none is made.
 * @throws {KeysDamagedError} `ERR_KEYS_DAMAGED`
 * @throws {KeysUnreadableError} `ERR_KEYS_UNREADABLE` when it is another user's
 */
export function findSigningKey(project: Project): ProjectKey | undefined {
  return readKeysFile(join(project.directory, "keys.json"));
}

function readKeysFile(path: string): ProjectKey | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM") throw new KeysUnreadableError(path);
    throw new KeysDamagedError(path, error instanceof Error ? error.message : String(error));
  }
  return { ...parseKeysFile(text, path), exposure: hideFromOthers(path) };
}

function parseKeysFile(text: string, path: string): Pick<ProjectKey, "signingKey" | "createdAt"> {
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
  const [record] = file["keys"];
  if (!isJsonObject(record)) throw new KeysDamagedError(path, "it holds no key");
  const signingKey = parseKey(record["privateKey"], path);
  // The key id follows from the key: damaged numbers make another, and tokens that nobody could verify.
  if (record["kid"] !== signingKey.kid) {
    throw new KeysDamagedError(path, "its key does not belong to its kid");
  }
  const { createdAt } = record;
  if (typeof createdAt !== "string") throw new KeysDamagedError(path, 'its key has no "createdAt"');
  return { signingKey, createdAt };
}

function parseKey(jwk: unknown, path: string): SigningKey {
  try {
    return importSigningKey(jwk);
  } catch (error) {
    if (!(error instanceof InvalidSigningKeyError)) throw error;
    throw new KeysDamagedError(path, `its key is ${error.problem}`);
  }
}

/** Closes the file to others, if it is open and can be closed. @returns what it was found and left like */
function hideFromOthers(path: string): ProjectKey["exposure"] {
  if (!isOpenToOthers(path)) return "none";
  try {
    chmodSync(path, 0o600);
  } catch {
    // Another's file, or a file system that is read-only.
  }
  // Some file systems take the change and ignore it.
  return isOpenToOthers(path) ? "open" : "mended";
}

function isOpenToOthers(path: string): boolean {
  // Windows has no such modes; there every file looks open.
  return process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
}
