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
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { ProjectNotWritableError } from "./directory.ts";
import { systemErrorCode } from "../kinde/errors.ts";

/**
 * Replaces a file by new content, whole.
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function replaceFile(path: string, content: string): void {
  withTemporaryFile(path, content, (temporary) => renameSync(temporary, path));
}

/**
 * Creates a file unless it exists. Of several processes that try at once exactly one succeeds.
 * @returns whether this call created it
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function createFileOnce(path: string, content: string): boolean {
  return withTemporaryFile(path, content, (temporary) => {
    try {
      linkUnlessThere(temporary, path);
      return true;
    } catch (error) {
      if (systemErrorCode(error) === "EEXIST") return false;
      throw error;
    }
  });
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

function withTemporaryFile<Result>(
  path: string,
  content: string,
  use: (temporary: string) => Result,
): Result {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeWhole(descriptor, content);
      return use(temporary);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (cause) {
    throw new ProjectNotWritableError(path, cause);
  }
}

function writeWhole(descriptor: number, content: string): void {
  try {
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
