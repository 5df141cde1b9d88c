/** Files that are either whole or not there, readable by their owner alone, with any number of writers. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ProjectNotWritableError } from "./directory.ts";
import { systemErrorCode } from "../kinde/errors.ts";

/**
 * Replaces a file by new content, whole.
 * @param isLasting whether it has to outlive a machine that loses its power
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function replaceFile(path: string, content: string, isLasting = true): void {
  withTemporaryFile(path, content, isLasting, (temporary) => renameSync(temporary, path));
}

/**
 * Creates a file unless it exists. Of several processes that try at once exactly one succeeds.
 * @returns whether this call created it
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function createFileOnce(path: string, content: string): boolean {
  return withTemporaryFile(path, content, true, (temporary) => {
    try {
      linkUnlessThere(temporary, path);
      return true;
    } catch (error) {
      if (systemErrorCode(error) === "EEXIST") return false;
      throw error;
    }
  });
}

// Nobody writes a file for as long as this: its writer was killed.
const leftAfterMs = 60_000;

/** Removes what writers of this file left beside it when they were killed: whole copies of it, with all its secrets. */
export function removeLeftovers(path: string): void {
  const directory = dirname(path);
  const before = `${basename(path)}.`;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(before) || !temporaryEnding.test(name.slice(before.length))) continue;
    const temporary = join(directory, name);
    const written = statSync(temporary, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined && Date.now() - written > leftAfterMs) rmSync(temporary, { force: true });
  }
}

/**
 * Unlike a rename, a link never replaces what is there. Some mounted file systems have none; there a copy is
 * next best, though another process may see it half written.
 */
function linkUnlessThere(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    copyFileSync(temporary, path, constants.COPYFILE_EXCL);
  }
}

/** Of the names that `withTemporaryFile` gives, behind the file's own. */
const temporaryEnding = /^\d+\.[\da-f]{8}\.tmp$/;

function withTemporaryFile<Result>(
  path: string,
  content: string,
  isLasting: boolean,
  use: (temporary: string) => Result,
): Result {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeWhole(descriptor, content, isLasting);
      return use(temporary);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (cause) {
    throw new ProjectNotWritableError(path, cause);
  }
}

function writeWhole(descriptor: number, content: string, isLasting: boolean): void {
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, content);
    if (isLasting) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
