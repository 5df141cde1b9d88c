/**
 * The commands by name. They are read at once, for each file of the bundle costs a start more than what is in it;
 * what a command needs only when it runs, and is heavy, it loads itself.
 */
import { closest } from "../../kinde/closest.ts";
import { DevhookError } from "../../kinde/errors.ts";
import { eventTypes } from "../../kinde/event-types.ts";
import { commonOptions, type Command } from "../command.ts";
import type { OptionTable } from "../option.ts";
import { completion } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { emit } from "./emit.ts";
import { history } from "./history.ts";
import { keys } from "./keys.ts";
import { mock } from "./mock.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import { triggers } from "./triggers.ts";
import { tunnel } from "./tunnel.ts";

/** In the order of help. */
const commands: Readonly<Record<string, Command>> = {
  tunnel,
  emit,
  mock,
  run,
  history,
  replay,
  triggers,
  keys,
  doctor,
  completion,
};

export const commandNames: readonly string[] = Object.keys(commands);

/**
 * The options of all commands: by them a line is read before its command is known. Where several have one, the one with
 * an alias stands for all: a line may begin with it.
 */
export const allOptions: OptionTable = Object.fromEntries(
  [commonOptions, ...Object.values(commands).map(({ options }) => options)]
    .flatMap((table) => Object.entries(table))
    .toSorted(([, a], [, b]) => Number(a.alias !== undefined) - Number(b.alias !== undefined)),
);

export class UnknownCommandError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_COMMAND";
  readonly command: string;
  constructor(command: string) {
    const isEventType = eventTypes.some((type) => type === command);
    const nearest = isEventType ? `emit ${command}` : closest(command, commandNames);
    super(
      `Failed to read the command line: there is no command "${command}".` +
        (nearest === undefined ? "" : ` Did you mean "${nearest}"?`) +
        " `npx kinde-devhook --help` lists them.",
    );
    this.command = command;
  }
}

/** @throws {UnknownCommandError} `ERR_UNKNOWN_COMMAND`, naming the nearest */
export function findCommand(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UnknownCommandError(name);
  return command;
}
