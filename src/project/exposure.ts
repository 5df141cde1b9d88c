/** Files with private keys are their owner's alone: a backup or a copy may have made one readable for others. */
import { chmodSync, statSync } from "node:fs";

/** Whether others could read the file: `mended` now, or `open` still, for the mode can't be changed. */
export type Exposure = "none" | "mended" | "open";

/** Closes the file to others, if it is open and can be closed. @returns what it was found and left like */
export function hideFromOthers(path: string): Exposure {
  if (!isOpenToOthers(path)) return "none";
  try {
    chmodSync(path, 0o600);
  } catch {
    // Another's file, or a file system that is read-only.
  }
  // Some file systems take the change and ignore it.
  return isOpenToOthers(path) ? "open" : "mended";
}

/** Whether anybody but its owner may read or write a file or directory that is there. */
export function isOpenToOthers(path: string): boolean {
  // Windows has no such modes; there every file looks open.
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}
