/** What outlives a machine that loses its power: a file's content, and the names in its directory. */
import { closeSync, fdatasync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { systemErrorCode } from "../kinde/errors.ts";

/** Resolves when the disk has what was written to a file. */
export type SyncFile = (descriptor: number) => Promise<void>;

export const syncFile: SyncFile = promisify(fdatasync);

const ofTheDisk = new Set(["EIO", "ENOSPC", "EDQUOT"]);

/**
 * Makes the names in a directory last, and its own: it may have just been made, and the one above it too.
 * @throws what the disk says
 */
export function syncDirectory(path: string): void {
  for (const each of [path, dirname(path), dirname(dirname(path))]) syncNames(each);
}

function syncNames(directory: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(directory, "r");
    fsyncSync(descriptor);
  } catch (error) {
    // Windows, and some mounted file systems, know no such thing; a directory above may be another user's.
    if (ofTheDisk.has(systemErrorCode(error) ?? "")) throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
