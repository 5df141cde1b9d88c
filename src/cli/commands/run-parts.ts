/** What of `run` deals with the system: loaded when a command is run, and not by the others that start a mock. */
export { writeExtraCaFile } from "../../app/extra-ca-file.ts";
export { spawnCommand } from "../../app/spawn-command.ts";
export { isTypedTo } from "../keyboard-signal.ts";
