/** The project's history as a command keeps it: a disk that is full is told once, and deliveries go on. */
import { join } from "node:path";
import { systemClock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { createFileHistory } from "../history/file-history.ts";
import type { History } from "../history/history.ts";
import { createMemoryHistory } from "../history/memory-history.ts";
import { createRedactedHistory } from "../history/redacted-history.ts";
import { createPendingFile, type PendingFile, type PendingFileOptions } from "../history/pending-file.ts";
import { ensureDirectory, type Project } from "../project/directory.ts";
import type { Accepted } from "../relay/shield.ts";
import { describeDamage } from "./describe-damage.ts";
import type { Reporter } from "./output/reporter.ts";

export interface KeptHistory extends History {
  /** Appends; a failure is a warning, told once. */
  keep(delivery: Delivery): void;
}

/**
 * What of it can't be read is a warning, each place once.
 * @param isRedacted whether what is personal is masked before anything is kept
 */
export function openHistory(project: Project, reporter: Reporter, isRedacted = false): KeptHistory {
  const files = createFileHistory({
    directory: join(project.directory, "history"),
    ensureDirectory: () => void ensureDirectory(project, "history"),
    now: systemClock.now,
    onDamaged: (damage) => reporter.record(describeDamage(damage)),
    onUnreadable: createWarning(
      reporter,
      "what other processes deliver is told once it can be read",
      "WARN_HISTORY_UNREADABLE",
    ),
  });
  const history = isRedacted ? createRedactedHistory(files) : files;
  const warn = createWarning(reporter, "what happens is not kept in history");
  return {
    ...history,
    keep: (delivery) => void history.append(delivery).catch(warn),
  };
}

export interface KeptPending<Kept extends Delivery = Delivery> extends PendingFile<Kept> {
  /** @returns whether the next process finds what is still pending */
  close(): boolean;
}

/** What is pending, as a command keeps it for the next: a disk that is full is told once, and deliveries go on. */
export function openPending(project: Project, reporter: Reporter): KeptPending {
  return tellFailures(createPendingFile(fileOptions(project, "pending")), reporter);
}

/** What a tunnel has taken over from Kinde, beside what a mock has pending: neither goes on with the other's. */
export function openShielded(project: Project, reporter: Reporter): KeptPending<Accepted> {
  const file = createPendingFile<Accepted>({ ...fileOptions(project, "shielded"), isLasting: true });
  return tellFailures(file, reporter);
}

function fileOptions(project: Project, name: string): PendingFileOptions {
  return {
    directory: join(project.directory, name),
    ensureDirectory: () => void ensureDirectory(project, name),
  };
}

function tellFailures<Kept extends Delivery>(file: PendingFile<Kept>, reporter: Reporter): KeptPending<Kept> {
  const warn = createWarning(reporter, "what is pending would be lost if this process were killed");
  const warnOfCommit = createWarning(reporter, "webhooks are answered 503, for they can't be kept");
  const warnOfClaim = createWarning(reporter, "what was pending from before waits for a later start");
  const isDone = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      warn(error);
      return false;
    }
  };
  return {
    keep: (delivery) => void isDone(() => file.keep(delivery)),
    commit: async (deliveries) => {
      try {
        await file.commit(deliveries);
      } catch (error) {
        warnOfCommit(error);
        throw error;
      }
    },
    claim: () => {
      try {
        return file.claim();
      } catch (error) {
        // Nothing of it is lost: its files stay until their copy is whole.
        warnOfClaim(error);
        return [];
      }
    },
    // Its directory may have been removed meanwhile.
    close: () => isDone(file.close),
  };
}

// For the inspector, as long as the tunnel runs.
const keptInMemory = 200;

/** Keeps nothing on disk: `--no-history`. */
export function openNoHistory(isRedacted = false): KeptHistory {
  const memory = createMemoryHistory(keptInMemory);
  const history = isRedacted ? createRedactedHistory(memory) : memory;
  return { ...history, keep: (delivery) => void history.append(delivery) };
}

/** @returns a function that tells of the first error alone */
function createWarning(
  reporter: Reporter,
  consequence: string,
  code: `WARN_${string}` = "WARN_HISTORY_NOT_WRITTEN",
): (error: unknown) => void {
  let hasWarned = false;
  return (error) => {
    if (hasWarned) return;
    hasWarned = true;
    reporter.record({
      record: "warning",
      code,
      message: `${consequence}: ${error instanceof Error ? error.message : String(error)}`,
    });
  };
}
