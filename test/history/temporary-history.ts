import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createFileHistory, type FileHistoryOptions } from "../../src/history/file-history.ts";
import type { History } from "../../src/history/history.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export interface TemporaryHistory extends AsyncDisposable {
  /** It is made with the first append. */
  readonly directory: string;
  /** Another history of the same directory, as another process would have it. */
  open(options?: Partial<FileHistoryOptions>): History;
}

export const noon: number = Date.UTC(2026, 0, 10, 12);

/** A directory for histories; both are closed and gone at the end of the block. */
export function createTemporaryHistory(): TemporaryHistory {
  const temporary = createTemporaryDirectory();
  const directory = join(temporary.path, "history");
  const opened: History[] = [];
  return {
    directory,
    open: (options = {}) => {
      const history = createFileHistory({
        directory,
        ensureDirectory: () => void mkdirSync(directory, { recursive: true }),
        now: () => noon,
        ...options,
      });
      opened.push(history);
      return history;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((history) => history.close()));
      temporary[Symbol.dispose]();
    },
  };
}
