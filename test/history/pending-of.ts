import { join } from "node:path";
import {
  createPendingFile,
  type PendingFile,
  type PendingFileOptions,
} from "../../src/history/pending-file.ts";
import { ensureDirectory, type Project } from "../../src/project/directory.ts";
import type { Accepted } from "../../src/relay/shield.ts";

/** What is pending in a project, as one of its processes keeps it. */
export function openPendingOf(project: Project, options: Partial<PendingFileOptions> = {}): PendingFile {
  return createPendingFile({
    directory: pendingDirectory(project),
    ensureDirectory: () => void ensureDirectory(project, "pending"),
    ...options,
  });
}

export function pendingDirectory({ directory }: Pick<Project, "directory">): string {
  return join(directory, "pending");
}

/** What its tunnel has taken over. */
export function openShieldedOf(
  project: Project,
  options: Partial<PendingFileOptions> = {},
): PendingFile<Accepted> {
  return createPendingFile({
    directory: shieldedDirectory(project),
    ensureDirectory: () => void ensureDirectory(project, "shielded"),
    isLasting: true,
    ...options,
  });
}

export function shieldedDirectory({ directory }: Pick<Project, "directory">): string {
  return join(directory, "shielded");
}
