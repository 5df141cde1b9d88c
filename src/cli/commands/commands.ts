/** The commands by name; each is loaded when it is wanted. */
import { closest } from "../../kinde/closest.ts";
import { DevhookError } from "../../kinde/errors.ts";
import type { Command } from "../command.ts";

const loaders = {
  emit: async () => (await import("./emit.ts")).emit,
  keys: async () => (await import("./keys.ts")).keys,
  mock: async () => (await import("./mock.ts")).mock,
  triggers: async () => (await import("./triggers.ts")).triggers,
} as const;

/** In the order of help. */
export const commandNames: readonly string[] = ["emit", "mock", "triggers", "keys"];

export class UnknownCommandError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_COMMAND";
  readonly command: string;
  constructor(command: string) {
    const nearest = closest(command, commandNames);
    super(
      `Failed to read the command line: there is no command "${command}".` +
        (nearest === undefined ? "" : ` Did you mean "${nearest}"?`) +
        " `kinde-devhook --help` lists them.",
    );
    this.command = command;
  }
}

/** @throws {UnknownCommandError} `ERR_UNKNOWN_COMMAND`, naming the nearest */
export async function loadCommand(name: string): Promise<Command> {
  if (!Object.hasOwn(loaders, name)) throw new UnknownCommandError(name);
  return await loaders[name as keyof typeof loaders]();
}
