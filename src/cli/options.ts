/** A command line, and the settings behind it, read by the table of options of its command. */
import parseArguments from "yargs-parser";
import { closest } from "../kinde/closest.ts";
import { DevhookError, InvalidOptionError } from "../kinde/errors.ts";
import type { Setting, Settings } from "../project/settings.ts";
import type { Option, OptionTable, OptionValues } from "./option.ts";

/** What a command line gives, before settings: texts by flag, and the words that are no flags. */
export interface ParsedArguments {
  readonly words: readonly string[];
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

export class UnknownFlagError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_FLAG";
  readonly flag: string;
  constructor(command: string, flag: string, nearest: string | undefined) {
    const shown = `${flag.length === 1 ? "-" : "--"}${flag}`;
    super(
      `Failed to read the command line: ${command} has no ${shown}.` +
        (nearest === undefined ? "" : ` Did you mean --${nearest}?`) +
        ` \`${command} --help\` lists its options.`,
    );
    this.flag = flag;
  }
}

/**
 * Splits a command line by a table; values stay text.
 * @param command how the error names the command
 * @param elsewhere flags that people know from elsewhere, and what they are called here
 * @throws {UnknownFlagError} `ERR_UNKNOWN_FLAG`, naming the nearest
 */
export function parseCommandLine(
  argv: readonly string[],
  table: OptionTable,
  command: string,
  elsewhere: Readonly<Record<string, string>> = {},
): ParsedArguments {
  const parsed = splitArguments(argv, table);
  const texts = new Map<string, readonly string[]>();
  for (const [flag, value] of Object.entries(parsed)) {
    if (flag === "_" || flag === "--") continue;
    if (!Object.hasOwn(table, flag)) {
      const renamed = Object.hasOwn(elsewhere, flag) ? elsewhere[flag] : undefined;
      const nearest = flag.length === 1 ? undefined : closest(flag, Object.keys(table));
      // With its value, so that the advice can be pasted.
      const meant =
        renamed === undefined ? nearest : `${renamed} ${value === true ? "" : String(value)}`.trimEnd();
      throw new UnknownFlagError(command, flag, meant);
    }
    if (value !== undefined) texts.set(flag, (Array.isArray(value) ? value : [value]).map(String));
  }
  return { words: [...parsed._, ...(parsed["--"] ?? [])].map(String), texts };
}

/** The words behind the command's name; or none, where they are values of an option. */
export function takeWords({ words, texts }: ParsedArguments, option: string | undefined): ParsedArguments {
  const [, ...rest] = words;
  if (option === undefined || rest.length === 0) return { words: rest, texts };
  return { words: [], texts: new Map([...texts, [option, [...rest, ...(texts.get(option) ?? [])]]]) };
}

/**
 * Splits a line before its first word that is no option or a value of one; a `--` there belongs to neither part. Values
 * that are missing are for the parser to tell.
 */
export function splitAtFirstWord(
  argv: readonly string[],
  table: OptionTable,
): { readonly options: readonly string[]; readonly rest: readonly string[] } {
  const rest = (parseDetailed(argv, table, { "halt-at-non-option": true }).argv["--"] ?? []).map(String);
  const options = argv.slice(0, argv.length - rest.length);
  return { options: options.at(-1) === "--" ? options.slice(0, -1) : options, rest };
}

/** The command that a line names, if it names one: its first word, wherever the options of all commands stand. */
export function findCommandName(argv: readonly string[], commonOptions: OptionTable): string | undefined {
  const [name] = splitArguments(argv, commonOptions)._;
  return name === undefined ? undefined : String(name);
}

/**
 * The values of a command's options: flags win, then settings, then defaults.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`, naming where the value came from
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  texts: ParsedArguments["texts"],
  settings: Settings,
): OptionValues<Table> {
  const values = Object.entries(table).map(([flag, option]) => {
    const given = texts.get(flag);
    if (given !== undefined) return [flag, option.parse(given, `--${flag}`)];
    const setting = option.isFlagOnly === true ? undefined : settings.flag(flag);
    if (setting === undefined) return [flag, option.parse([], flag)];
    return [flag, option.parse(settingTexts(setting, option), setting.origin)];
  });
  return Object.fromEntries(values) as OptionValues<Table>;
}

/** The texts of a setting: several in the environment are joined, in a configuration file they are an array. */
export function settingTexts({ value, isText, origin }: Setting, option: Option<unknown>): string[] {
  if (typeof value === "string" && isText && option.kind === "list") {
    return value
      .split(option.separator)
      .map((text) => text.trim())
      .filter((text) => text !== "");
  }
  const values = Array.isArray(value) && option.kind === "list" ? value : [value];
  return values.map((one) => {
    if (typeof one === "object") {
      throw new InvalidOptionError(origin, "text, a number or true", JSON.stringify(one));
    }
    return String(one);
  });
}

/**
 * A command line as the parser sees it: words in `_`, values by flag, whether the table has the flag or not.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when a value is missing
 */
export function splitArguments(argv: readonly string[], table: OptionTable): parseArguments.Arguments {
  const { argv: parsed, error } = parseDetailed(argv, table);
  if (error !== null && error !== undefined) {
    // The one error the parser knows, and its sentence ends in the option: "Not enough arguments following: to".
    throw new InvalidOptionError(`--${error.message.split(" ").at(-1)}`, "a value", "nothing");
  }
  return parsed;
}

function parseDetailed(
  argv: readonly string[],
  table: OptionTable,
  configuration: Partial<parseArguments.Configuration> = {},
): parseArguments.DetailedArguments {
  const flags = Object.entries(table);
  const named = (is: (option: Option<unknown>) => boolean): string[] =>
    flags.filter(([, option]) => is(option)).map(([flag]) => flag);
  return parseArguments.detailed([...argv], {
    string: named(({ kind }) => kind !== "switch"),
    boolean: named(({ kind }) => kind === "switch"),
    // With a number of values the parser takes a lone dash as one, and knows when there is none.
    narg: Object.fromEntries(
      named(({ kind, isValueOptional }) => kind !== "switch" && !isValueOptional).map((flag) => [flag, 1]),
    ),
    alias: Object.fromEntries(
      flags.flatMap(([flag, { alias }]) => (alias === undefined ? [] : [[flag, [alias]]])),
    ),
    configuration: {
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "populate--": true,
      "strip-aliased": true,
      ...configuration,
    },
  });
}
