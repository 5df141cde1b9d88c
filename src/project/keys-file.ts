/** `keys.json`: the project's keys. Made once, kept, never overwritten when it can't be read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";
import { createKeySet, type KeySet } from "../kinde/key-set.ts";
import { createSigningKey } from "../kinde/signing-key.ts";
import { createFileOnce, removeLeftovers, replaceFile } from "./atomic-file.ts";
import { ensureDirectory, ProjectNotWritableError, type Project } from "./directory.ts";
import { hideFromOthers, type Exposure } from "./exposure.ts";
import { formatKeys, KeysDamagedError, parseKeys } from "./keys-format.ts";
import { withLock } from "./lock.ts";

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

export function keysPathOf({ directory }: Project): string {
  return join(directory, "keys.json");
}

/**
 * The project's keys, the first made now if there is none. Of two commands that start at once one makes it and both use it.
 * @param now epoch milliseconds
 * @throws {KeysDamagedError} `ERR_KEYS_DAMAGED`
 * @throws {KeysUnreadableError} `ERR_KEYS_UNREADABLE` when it is another user's
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export async function loadKeys(
  project: Project,
  now: number,
): Promise<KeySet & { readonly exposure: Exposure }> {
  const path = keysPathOf(project);
  let keys = readKeys(path);
  if (keys === undefined) {
    const made = createKeySet(await createSigningKey(), new Date(now).toISOString());
    ensureDirectory(project);
    createFileOnce(path, formatKeys(made));
    keys = readKeys(path);
  }
  if (keys === undefined) throw new KeysDamagedError(path, "it vanished while it was being made");
  return { ...keys, exposure: hideFromOthers(path) };
}

/**
 * Changes the project's keys; of several processes that do at once one comes after the other, and nothing is lost.
 * @param known what to change when there is no file any more
 * @returns the keys as they were written
 * @throws as `loadKeys`, and what `change` throws
 */
export function changeKeys(project: Project, known: KeySet, change: (keys: KeySet) => KeySet): KeySet {
  ensureDirectory(project);
  const path = keysPathOf(project);
  try {
    return withLock(`${path}.lock`, () => {
      // A key that is rotated or retired is nowhere any more.
      removeLeftovers(path);
      for (;;) {
        const current = readKeys(path);
        const before = current ?? known;
        const changed = change(before);
        if (changed === before) return changed;
        if (current !== undefined) replaceFile(path, formatKeys(changed));
        // Who makes a first key does not take the lock, and must find it as it was made.
        else if (!createFileOnce(path, formatKeys(changed))) continue;
        return changed;
      }
    });
  } catch (cause) {
    if (cause instanceof DevhookError) throw cause;
    throw new ProjectNotWritableError(path, cause);
  }
}

/**
 * @returns `undefined` when there is no file
 * @throws {KeysDamagedError} `ERR_KEYS_DAMAGED`
 * @throws {KeysUnreadableError} `ERR_KEYS_UNREADABLE`
 */
export function readKeys(path: string): KeySet | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES" || code === "EPERM") throw new KeysUnreadableError(path);
    throw new KeysDamagedError(path, error instanceof Error ? error.message : String(error));
  }
  return parseKeys(text, path);
}
