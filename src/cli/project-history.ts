/** The project's history as a command keeps it: a disk that is full is told once, and deliveries go on. */
import { join } from "node:path";
import { systemClock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { createFileHistory } from "../history/file-history.ts";
import type { History } from "../history/history.ts";
import { createMemoryHistory } from "../history/memory-history.ts";
import { ensureDirectory, type Project } from "../project/directory.ts";
import type { Reporter } from "./output/reporter.ts";

export interface KeptHistory extends History {
  /** Appends; a failure is a warning, told once. */
  keep(delivery: Delivery): void;
}

export function openHistory(project: Project, reporter: Reporter): KeptHistory {
  const history = createFileHistory({
    directory: join(project.directory, "history"),
    ensureDirectory: () => void ensureDirectory(project, "history"),
    now: systemClock.now,
  });
  let hasWarned = false;
  return {
    ...history,
    keep: (delivery) => {
      history.append(delivery).catch((error: unknown) => {
        if (hasWarned) return;
        hasWarned = true;
        reporter.record({
          record: "warning",
          code: "WARN_HISTORY_NOT_WRITTEN",
          message: `what happens is not kept in history: ${error instanceof Error ? error.message : String(error)}`,
        });
      });
    },
  };
}

/** Keeps nothing: `--no-history`. */
export function openNoHistory(): KeptHistory {
  return { ...createMemoryHistory(0), keep: () => {} };
}
