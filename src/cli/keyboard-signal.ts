import { isatty } from "node:tty";
import { readForeground } from "./foreground.ts";

/**
 * Whether a child of ours has a signal already, for it was typed, as Ctrl-C is: a terminal sends it to every process of
 * the group in its foreground. One that was sent to this process alone while it has the terminal is taken for typed.
 * @param pid the child's; it may have a group of its own by now, as `timeout` of coreutils makes itself one
 */
export function isTypedTo(pid: number, signal: NodeJS.Signals): boolean {
  return (signal === "SIGINT" || signal === "SIGQUIT") && hasTerminal("self") && hasTerminal(pid);
}

function hasTerminal(pid: number | "self"): boolean {
  // Where the system does not tell, a terminal at one of the standard streams speaks for it.
  return readForeground(pid) ?? [0, 1, 2].some((descriptor) => isatty(descriptor));
}
