import { systemClock } from "../delivery/clock.ts";
import type { Project } from "../project/directory.ts";
import { openProjectKeys, type ProjectKeys } from "../project/project-keys.ts";
import type { Reporter } from "./output/reporter.ts";
import { warnIfExposed } from "./warnings.ts";

/** The project's keys, as a command uses them: what is wrong with their file is told as a warning, if it can go on. */
export async function openKeys(project: Project, reporter: Reporter): Promise<ProjectKeys> {
  const keys = await openProjectKeys(project, {
    now: systemClock.now,
    onLoss: (error) =>
      reporter.record({
        record: "warning",
        code: "WARN_KEYS_LOST",
        message: `${error instanceof Error ? error.message : String(error)} This command goes on with the keys that it has read before.`,
      }),
  });
  warnIfExposed(keys, project, reporter);
  return keys;
}
