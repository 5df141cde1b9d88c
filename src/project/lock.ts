/** A lock between the processes of a project, for work of a few milliseconds. */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { systemErrorCode } from "../kinde/errors.ts";
import { isRunning, ownIdentity, ownPidNamespace } from "./process-identity.ts";

// Whoever holds it longer than this was killed, or hangs: nothing under it takes that long.
const staleAfterMs = 5_000;
const stepMs = 5;

/**
 * Runs work that no other process runs meanwhile.
 * @param path the lock's file; it is there as long as the work goes on
 * @throws what the work throws, and what the system says when the file can't be made
 */
export function withLock<Result>(path: string, work: () => Result): Result {
  while (!take(path)) {
    if (isStale(path) && breakLock(path)) continue;
    // The caller is in the middle of a change: it has nothing else to do, and it takes milliseconds.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    const descriptor = openSync(path, "wx", 0o600);
    try {
      writeOwner(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function writeOwner(descriptor: number): void {
  const { pid, started } = ownIdentity();
  try {
    writeSync(descriptor, `${pid} ${started} ${ownPidNamespace()}`);
  } catch {
    // On a full disk: one that names nobody is a lock all the same, and is let go of like any other.
  }
}

/**
 * Removes a lock that was left behind, unless another process is about to: of two that found it stale, the second
 * would remove the lock that the first has taken since.
 */
function breakLock(path: string): boolean {
  const breaking = `${path}.stale`;
  if (!take(breaking)) {
    if (isStale(breaking)) rmSync(breaking, { force: true });
    return false;
  }
  try {
    if (isStale(path)) rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(breaking, { force: true });
  }
}

function isStale(path: string): boolean {
  if (isLeft(path)) return true;
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  // Also what was made "later" than now: the clock was set back since, and nobody should wait until then.
  return made !== undefined && Math.abs(Date.now() - made) > staleAfterMs;
}

/** Whether it names a process that is no more; a lock is empty for the moment in which it is made. */
function isLeft(path: string): boolean {
  try {
    const [, pid, started = "", namespace] = /^(\d+) (\d*) (.*)$/.exec(readFileSync(path, "utf8")) ?? [];
    // In a container on the same directory processes have other numbers: of those we can't tell.
    if (pid === undefined || namespace !== ownPidNamespace()) return false;
    return !isRunning({ pid: Number(pid), started });
  } catch {
    // Its owner has just let go of it, or it is another user's.
    return false;
  }
}
