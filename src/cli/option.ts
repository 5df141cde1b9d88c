/** One table of options per command: the parser, the settings, the help and the suggestions all read it. */
import { InvalidOptionError } from "../kinde/errors.ts";

export interface Option<Value> {
  /** A switch is there or not; a text has one value, the last that was given; a list has every value. */
  readonly kind: "switch" | "text" | "list";
  readonly describe: string;
  readonly alias?: string;
  /** How help names the value; those with `values` need no name. */
  readonly placeholder?: string;
  /** The values, as far as they are known, or that a value is a file's path: for help and for completion. */
  readonly values?: readonly string[] | "files";
  /** What help says of the value without the option. */
  readonly defaultText?: string;
  /** Whether the option may stand alone; its text is then empty. */
  readonly isValueOptional?: boolean;
  /** Whether the command line alone may give it: neither the environment nor a configuration file. */
  readonly isFlagOnly?: true;
  /** What joins several values in the environment. */
  readonly separator: string | RegExp;
  /** @param texts none when nothing set the option */
  readonly parse: (texts: readonly string[], option: string) => Value;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Flag in keyof Table]: Table[Flag] extends Option<infer Value> ? Value : never;
};

type Extras = Partial<
  Pick<
    Option<unknown>,
    "alias" | "placeholder" | "values" | "defaultText" | "separator" | "isValueOptional" | "isFlagOnly"
  >
>;
type ParseText<Value> = (text: string, option: string) => Value;

/** An option without a value. */
export function switchOption(describe: string): Option<boolean> {
  return {
    kind: "switch",
    describe,
    separator: ",",
    parse: (texts, option) => {
      const text = texts.at(-1);
      if (text === undefined || ["false", "0", ""].includes(text)) return false;
      if (["true", "1"].includes(text)) return true;
      throw new InvalidOptionError(option, "true or false", JSON.stringify(text));
    },
  };
}

/** An option with one value, and `undefined` or `otherwise` without it. */
export function textOption<Value>(
  describe: string,
  parse: ParseText<Value>,
  extras: Extras,
): Option<Value | undefined>;
export function textOption<Value>(
  describe: string,
  parse: ParseText<Value>,
  extras: Extras,
  otherwise: Value,
): Option<Value>;
export function textOption<Value>(
  describe: string,
  parse: ParseText<Value>,
  extras: Extras,
  otherwise?: Value,
): Option<Value | undefined> {
  return {
    kind: "text",
    describe,
    separator: ",",
    parse: (texts, option) => {
      const text = texts.at(-1);
      return text === undefined ? otherwise : parse(text, option);
    },
    ...extras,
  };
}

/** An option that may be given several times. */
export function listOption<Value>(
  describe: string,
  parse: ParseText<Value>,
  extras: Extras,
): Option<readonly Value[]> {
  return {
    kind: "list",
    describe,
    separator: ",",
    parse: (texts, option) => texts.map((text) => parse(text, option)),
    ...extras,
  };
}
