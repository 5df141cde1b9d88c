/** The end of a process whose terminal was closed. */
import { isatty } from "node:tty";

const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

/**
 * To be done last. At its end Node sets the terminals that it began with back as they were, and crashes where one is gone.
 * The signal that such a process is sent ends it before that, with the exit code 129 of shells.
 */
export function dieWithTerminal(): void {
  if (terminals.every((descriptor) => isatty(descriptor))) return;
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}
