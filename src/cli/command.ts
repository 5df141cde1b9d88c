/** A command: its place in help, its option table, and what it does. */
import type { Environment, Settings } from "../project/settings.ts";
import type { Project } from "../project/directory.ts";
import { switchOption, textOption, type Option, type OptionTable, type OptionValues } from "./option.ts";
import type { Reporter } from "./output/reporter.ts";
import type { Interruption } from "./interruption.ts";
import { nonEmpty } from "./values.ts";

export interface Command {
  readonly name: string;
  /** The words it takes, as help shows them: `<event-type…>`. */
  readonly words: string;
  readonly describe: string;
  readonly options: OptionTable;
  /** What the words may be, where that is known. One alone, unless `words` has an ellipsis. */
  readonly wordValues?: readonly string[];
  /** The option whose values the words are, as a shorter way to give them. */
  readonly wordsOption?: string;
  /** Flags that people know from elsewhere, and what they are called here. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** What it prints is for a shell's own files: records would damage them, whoever has set `json`. */
  readonly isScript?: true;
  /**
   * What stands behind its options is the line of another command, which gets it as it is, and stdout too: what is ours
   * goes to stderr then, unless it is records.
   */
  readonly takesCommand?: true;
  /** Lines that work when pasted, and what each does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** @returns the exit code, with the reason where it is neither "done" nor "not_delivered" */
  readonly run: (input: CommandInput<OptionTable>) => Promise<number | CommandExit>;
}

/** How a command ended, for the last record. */
export interface CommandExit {
  readonly code: number;
  readonly reason: string;
}

export interface CommandInput<Table extends OptionTable> {
  readonly words: readonly string[];
  readonly options: OptionValues<Table>;
  /** The options that the command line itself gives. */
  readonly given: ReadonlySet<string>;
  readonly context: Context;
}

/** A command whose `run` knows the types of its own option table. */
export function defineCommand<Table extends OptionTable>(
  command: Omit<Command, "options" | "run"> & {
    readonly options: Table;
    readonly run: (input: CommandInput<Table>) => Promise<number | CommandExit>;
  },
): Command {
  // Main reads the options by the very table it hands to `run`.
  return command as unknown as Command;
}

/** All that may stand behind a command: its own options, and those of every command. */
export function optionsOf({ options, isScript }: Command): OptionTable {
  const { json, ...others } = commonOptions;
  return { ...options, ...(isScript === true || json === undefined ? {} : { json }), ...others };
}

/** What a command has around it; commands do not reach for `process`. */
export interface Context {
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly settings: Settings;
  readonly project: Project;
  readonly reporter: Reporter;
  readonly interruption: Interruption;
  readonly stdin: NodeJS.ReadStream;
}

export const jsonOption: Option<boolean> = switchOption(
  "One JSON object a line on stdout, and nothing else; text for people goes to stderr",
);

/** The options of every command. */
export const commonOptions: OptionTable = {
  json: jsonOption,
  config: textOption("A JSON file of options", nonEmpty, { placeholder: "file", values: "files" }),
  help: { ...switchOption("Show help"), alias: "h" },
  version: switchOption("Show the version"),
};
