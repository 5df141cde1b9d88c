import { allOptions, commandNames, findCommand } from "./commands/commands.ts";
import { optionsOf } from "./command.ts";
import { splitAtFirstWord } from "./options.ts";

/** A command line, and the one that it holds. */
export interface SeparatedLine {
  /** Ours: what our parser may read. */
  readonly own: readonly string[];
  /** The other's, word for word; `undefined` when ours takes none. */
  readonly wrapped: readonly string[] | undefined;
}

/** Splits a line at the command it is to run, where it names one of ours that runs others. */
export function separateCommand(argv: readonly string[]): SeparatedLine {
  const whole = { own: argv, wrapped: undefined };
  // Most lines name no such command: they are not parsed for it.
  if (!argv.some(takesCommand)) return whole;
  const { options: before, rest } = splitAtFirstWord(argv, allOptions);
  const [name] = rest;
  if (name === undefined || !takesCommand(name)) return whole;
  const { options, rest: wrapped } = splitAtFirstWord(rest.slice(1), optionsOf(findCommand(name)));
  return { own: [...before, name, ...options], wrapped };
}

function takesCommand(word: string): boolean {
  return commandNames.includes(word) && findCommand(word).takesCommand === true;
}
