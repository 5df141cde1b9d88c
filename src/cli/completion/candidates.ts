/** What a command line may go on with at the Tab key: from the tables of the commands, as the parser and help. */
import { eventFixture, eventTypes } from "../../kinde/event-types.ts";
import { commonOptions, optionsOf, type Command } from "../command.ts";
import { allOptions, commandNames, findCommand } from "../commands/commands.ts";
import type { Option, OptionTable } from "../option.ts";
import { splitArguments } from "../options.ts";
import { separateCommand } from "../separate-command.ts";

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  readonly description: string;
}

/** The candidates; `files` where the shell completes what it knows better. */
export type Candidates = readonly Candidate[] | "files";

/**
 * What the last word may become.
 * @param words those behind the tool's name; the last one is being typed, and may be empty
 * @throws {UnknownCommandError} `ERR_UNKNOWN_COMMAND`
 */
export function findCandidates(words: readonly string[]): Candidates {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  // Of another command's line the shell knows more than we.
  if (isInsideWrapped(before)) return "files";
  const waiting = findWaitingFlag(before);
  const { _: given, ...flags } = splitArguments(
    waiting === undefined ? before : before.slice(0, -1),
    allOptions,
  );
  const [name, ...others] = given;
  const command = name === undefined ? undefined : findCommand(String(name));
  const table = command === undefined ? commonOptions : optionsOf(command);

  if (waiting !== undefined) return valuesOf(findOption(waiting, table), current);
  const freeFlags = flagsOf(table, new Set(Object.keys(flags)));
  if (current.startsWith("-") && !before.includes("--")) {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
    if (flag === undefined || value === undefined) return startingWith(current, freeFlags);
    return valuesOf(findOption(flag, table), value, `${flag}=`);
  }
  if (command === undefined) return startingWith(current, commandNames.map(findCommand).map(describeCommand));
  const known = wordsOf(command, others.length, current);
  return known.length > 0 || current !== "" ? known : freeFlags;
}

function isInsideWrapped(before: readonly string[]): boolean {
  const { own, wrapped } = separateCommand(before);
  // Behind a `--` it begins with the next word.
  return wrapped !== undefined && (wrapped.length > 0 || before.length > own.length);
}

/** The flag at the end of a line that is still to get its value. */
function findWaitingFlag(before: readonly string[]): string | undefined {
  const last = before.at(-1) ?? "";
  const option = findOption(last, allOptions);
  const isWaiting = option !== undefined && option.kind !== "switch" && option.isValueOptional !== true;
  return isWaiting && !before.includes("--") ? last : undefined;
}

/** @param word a flag as it is typed: `--forward`, `-f` */
function findOption(word: string, table: OptionTable): Option<unknown> | undefined {
  return Object.entries(table).find(([flag, { alias }]) =>
    [flag, ...(alias === undefined ? [] : [alias])].some((name) => typed(name) === word),
  )?.[1];
}

/** Those that may still be given. A letter is not offered: it is typed already. */
function flagsOf(table: OptionTable, given: ReadonlySet<string>): Candidate[] {
  return Object.entries(table)
    .filter(([flag, { kind }]) => kind === "list" || !given.has(flag))
    .flatMap(([flag, { alias = "", describe }]) =>
      (alias.length > 1 ? [flag, alias] : [flag]).map((name) => ({
        value: typed(name),
        description: describe,
      })),
    );
}

function valuesOf(option: Option<unknown> | undefined, current: string, prefix = ""): Candidates {
  if (option?.values === undefined) return [];
  if (option.values === "files") return "files";
  return complete(current, option.values, option.kind === "list").map(({ value, description }) => ({
    value: prefix + value,
    description,
  }));
}

function wordsOf({ words, wordValues = [] }: Command, given: number, current: string): readonly Candidate[] {
  const areSeveral = words.includes("…");
  return given > 0 && !areSeveral ? [] : complete(current, wordValues, areSeveral);
}

/** @param areSeveral then commas join them, too */
function complete(current: string, values: readonly string[], areSeveral: boolean): readonly Candidate[] {
  const done = areSeveral ? current.slice(0, current.lastIndexOf(",") + 1) : "";
  return startingWith(
    current,
    values.map((value) => ({ value: done + value, description: describeValue(value) })),
  );
}

function startingWith(current: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(current));
}

function describeCommand({ name, describe }: Command): Candidate {
  return { value: name, description: describe };
}

function describeValue(value: string): string {
  const type = eventTypes.find((known) => known === value);
  return type === undefined ? "" : eventFixture(type).description;
}

function typed(flag: string): string {
  return flag.length === 1 ? `-${flag}` : `--${flag}`;
}
