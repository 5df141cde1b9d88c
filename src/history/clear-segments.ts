/** Forgetting a history: what can be removed of it is removed, and what can't is named. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DevhookError } from "../kinde/errors.ts";
import { listSegments } from "./segments.ts";

/**
 * @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE` when the directory can't be read; nothing is removed then
 * @throws {HistoryNotClearedError} `ERR_HISTORY_NOT_CLEARED` when a file can't be removed; all others are
 */
export function clearSegments(directory: string): void {
  const kept: string[] = [];
  let cause: unknown;
  for (const { name } of listSegments(directory).segments) {
    const path = join(directory, name);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      kept.push(path);
      cause ??= error;
    }
  }
  if (kept.length > 0) throw new HistoryNotClearedError(directory, kept, cause);
}

/** Some of the history could not be removed. */
export class HistoryNotClearedError extends DevhookError {
  override readonly code = "ERR_HISTORY_NOT_CLEARED";
  override readonly exitCode = 1;
  /** The files that are still there, the oldest first. */
  readonly paths: readonly string[];
  constructor(directory: string, paths: readonly string[], cause: unknown) {
    const more = paths.length > shownPaths ? ` and ${paths.length - shownPaths} more` : "";
    super(
      `Failed to forget all of the history: the system does not let us remove ${paths.slice(0, shownPaths).join(", ")}${more}: ` +
        `${cause instanceof Error ? cause.message : String(cause)}. All else is forgotten. Make ${directory} writable for you, and clear it again.`,
    );
    this.paths = paths;
    this.cause = cause;
  }
}

const shownPaths = 5;
