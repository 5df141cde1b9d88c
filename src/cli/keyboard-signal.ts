import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Whether a signal was typed, as Ctrl-C is: a terminal sends it to every process of the group in its foreground, so that
 * our children have it already. One that was sent to this process alone while it has the terminal is taken for typed.
 */
export function isTyped(signal: NodeJS.Signals): boolean {
  return (signal === "SIGINT" || signal === "SIGQUIT") && isInForeground();
}

function isInForeground(): boolean {
  const fields = readStatus();
  // Where the system does not tell, a terminal at one of the standard streams speaks for it.
  if (fields === undefined) return [0, 1, 2].some((descriptor) => isatty(descriptor));
  const [, , group, , , foregroundGroup] = fields;
  return group === foregroundGroup;
}

/** The fields of `/proc/self/stat` behind the program's name, which may hold spaces and brackets itself: proc(5). */
function readStatus(): readonly string[] | undefined {
  try {
    const status = readFileSync("/proc/self/stat", "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
