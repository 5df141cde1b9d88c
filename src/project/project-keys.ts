/** The project's keys as a running command has them: it follows `keys.json`, which another process may change. */
import { statSync } from "node:fs";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";
import { retireKeys, rotateKey, type KeySet } from "../kinde/key-set.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import { createSigningKey } from "../kinde/signing-key.ts";
import type { Project } from "./directory.ts";
import type { Exposure } from "./exposure.ts";
import { changeKeys, keysPathOf, loadKeys, readKeys } from "./keys-file.ts";

export interface ProjectKeys extends RotatableKeys {
  /** As it was found at the start. */
  readonly exposure: Exposure;
}

export interface OpenProjectKeysOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * The file can't be read any more: those that were read last stay. Called once until it can be read again.
   * @param error says why and what to do
   */
  readonly onLoss: (error: unknown) => void;
}

/** `keys.json` was there when the command began, and is no more. */
export class KeysGoneError extends DevhookError {
  override readonly code = "ERR_KEYS_GONE";
  readonly path: string;
  constructor(path: string) {
    super(`Failed to read ${path}: it is gone. Restore it, or the next command makes a new key.`);
    this.path = path;
  }
}

/**
 * Opens the project's keys; what is changed on disk holds from the next question on.
 * @throws as `loadKeys`
 */
export async function openProjectKeys(
  project: Project,
  { now, onLoss }: OpenProjectKeysOptions,
): Promise<ProjectKeys> {
  const path = keysPathOf(project);
  // Looked at before it is read: what comes in between is then read twice, and not missed.
  let seen = lookAt(path);
  const { exposure, ...loaded } = await loadKeys(project, now());
  let keys: KeySet = loaded;
  let isLost = false;

  const latest = (): KeySet => {
    const look = lookAt(path);
    if (look === seen) return keys;
    seen = look;
    try {
      const read = readKeys(path);
      if (read === undefined) throw new KeysGoneError(path);
      keys = read;
      isLost = false;
    } catch (error) {
      if (!isLost) onLoss(error);
      isLost = true;
    }
    return keys;
  };

  return {
    exposure,
    current: () => latest().signingKey,
    jwks: () => latest().jwks,
    list: () => latest().keys,
    rotate: async () => {
      // Before the lock is taken, which is held for milliseconds.
      const next = await createSigningKey();
      const at = new Date(now()).toISOString();
      changeKeys(project, latest(), (before) => rotateKey(before, next, at));
      return next;
    },
    retire: (kids) => void changeKeys(project, latest(), (before) => retireKeys(before, kids)),
  };
}

/** What tells one state of a file from another; it costs microseconds, so that it may be asked for at every event. */
function lookAt(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    // A file that takes another's place may get its number and its size, and mode and owner change without its content.
    return stat === undefined ? "gone" : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
  } catch (error) {
    return systemErrorCode(error) ?? "unknown";
  }
}
