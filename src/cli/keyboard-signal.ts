import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Whether a child of ours has a signal already, for it was typed, as Ctrl-C is: a terminal sends it to every process of
 * the group in its foreground. One that was sent to this process alone while it has the terminal is taken for typed.
 * @param pid the child's; it may have a group of its own by now, as `timeout` of coreutils makes itself one
 */
export function isTypedTo(pid: number, signal: NodeJS.Signals): boolean {
  return (signal === "SIGINT" || signal === "SIGQUIT") && isInForeground("self") && isInForeground(pid);
}

function isInForeground(pid: number | "self"): boolean {
  const fields = readStatus(pid);
  // Where the system does not tell, a terminal at one of the standard streams speaks for it.
  if (fields === undefined) return [0, 1, 2].some((descriptor) => isatty(descriptor));
  const [, , group, , , foregroundGroup] = fields;
  return group === foregroundGroup;
}

/** The fields of `/proc/<pid>/stat` behind the program's name, which may hold spaces and brackets itself: proc(5). */
function readStatus(pid: number | "self"): readonly string[] | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
