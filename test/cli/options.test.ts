import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listOption, switchOption, textOption } from "../../src/cli/option.ts";
import { findCommandName, parseCommandLine, readOptions, takeWords } from "../../src/cli/options.ts";
import { wholeNumber } from "../../src/cli/values.ts";
import type { Setting } from "../../src/project/settings.ts";

const given = (text: string): string => text;
const table = {
  json: switchOption("switch"),
  to: listOption("list", given, { placeholder: "to" }),
  webhook: listOption("list", given, { separator: /\s+/ }),
  count: textOption("text", wholeNumber(1, 100), { alias: "n" }, 1),
  data: textOption("text", given, {}),
  "wait-on": textOption("text", given, { isValueOptional: true }),
  issuer: textOption("text", given, { isFlagOnly: true }),
} as const;

function parse(...argv: string[]): { words: readonly string[]; texts: Record<string, readonly string[]> } {
  const { words, texts } = parseCommandLine(argv, table, "tool");
  return { words, texts: Object.fromEntries(texts) };
}

describe("a command line", () => {
  test.each<[string, string[], string[], object]>([
    [
      "separates words and flags",
      ["emit", "--to", "3000", "user.created"],
      ["emit", "user.created"],
      { to: ["3000"] },
    ],
    ["takes a value behind an equals sign", ["--to=a=b"], [], { to: ["a=b"] }],
    ["keeps every value of a list, in order", ["--to", "b", "--to", "a"], [], { to: ["b", "a"] }],
    ["takes one value at a time for a list", ["--to", "a", "b"], ["b"], { to: ["a"] }],
    ["takes no value for a switch", ["--json", "a"], ["a"], { json: ["true"] }],
    ["takes a lone dash as a value", ["--data", "-", "x"], ["x"], { data: ["-"] }],
    ["takes a negative number as a value", ["--count", "-1"], [], { count: ["-1"] }],
    ["leaves numbers as they were written", ["--count", "007", "1e3"], ["1e3"], { count: ["007"] }],
    ["leaves an empty value empty", ["--data", ""], [], { data: [""] }],
    ["knows a flag by its other name", ["-n", "3"], [], { count: ["3"] }],
    [
      "lets an option stand alone where it may",
      ["--wait-on", "--json"],
      [],
      { "wait-on": [""], json: ["true"] },
    ],
    ["takes everything behind -- as words", ["a", "--", "--to", "-x"], ["a", "--to", "-x"], {}],
  ])("%s", (_fact, argv, words, texts) => {
    expect(parse(...argv)).toEqual({ words, texts });
  });

  test("brings any value to its option unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (value, other) => {
        expect(parse(`--to=${value}`, `--to=${other}`, `--data=${value}`).texts).toEqual({
          to: [value, other],
          data: [value],
        });
      }),
    );
  });

  test.each([
    [["--cuont", "3"], "cuont", "--count"],
    [["--TO", "3"], "TO", "--to"],
    [["--waiton"], "waiton", "--wait-on"],
    [["--waitOn", "x"], "waitOn", "--wait-on"],
    [["--constructor"], "constructor", undefined],
    [["--no-json"], "no-json", undefined],
    [["-x"], "x", undefined],
  ])("refuses %j as ERR_UNKNOWN_FLAG and names the nearest", (argv, flag, nearest) => {
    expect(() => parse(...argv)).toThrow(
      expect.objectContaining({
        code: "ERR_UNKNOWN_FLAG",
        flag,
        message: expect.stringMatching(
          nearest === undefined ? /^(?!.*Did you mean)/ : `Did you mean ${nearest}\\?`,
        ),
      }),
    );
  });

  test.each([[["--to"]], [["--count", "--json"]], [["--data", "--to", "x"]]])(
    "refuses %j: an option without its value",
    (argv) => {
      expect(() => parse(...argv)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_OPTION", option: argv[0], got: "nothing" }),
      );
    },
  );
});

test.each([
  [["emit", "user.created"], "emit"],
  [["--json", "emit", "user.created"], "emit"],
  [["--to", "3000", "emit"], "emit"],
  [["--json"], undefined],
  [[], undefined],
])("the command in %j is %j", (argv, name) => {
  expect(findCommandName(argv, { json: table.json })).toBe(name);
});

describe("the options of a command", () => {
  const read = (
    argv: string[],
    settings: Record<string, Setting> = {},
  ): ReturnType<typeof readOptions<typeof table>> =>
    readOptions(table, parseCommandLine(argv, table, "tool").texts, {
      flag: (flag) => settings[flag],
      variable: () => undefined,
      names: () => [],
    });
  const fromEnvironment = (value: string): Setting => ({ value, origin: "VARIABLE", isText: true });
  const fromFile = (value: Setting["value"]): Setting => ({
    value,
    origin: '"x" (config.json)',
    isText: false,
  });

  test("have their defaults", () => {
    expect(read([])).toEqual({
      json: false,
      to: [],
      webhook: [],
      count: 1,
      data: undefined,
      "wait-on": undefined,
    });
  });

  test("come from no setting where the command line alone may give them", () => {
    const settings = { issuer: fromEnvironment("https://acme.kinde.com"), data: fromEnvironment("file") };
    expect(read([], settings)).toMatchObject({ issuer: undefined, data: "file" });
    expect(read(["--issuer", "mine"], settings)).toMatchObject({ issuer: "mine" });
  });

  test("come from flags before they come from settings", () => {
    const settings = { count: fromEnvironment("5"), data: fromEnvironment("file"), to: fromEnvironment("a") };
    expect(read(["--count", "7", "--to", "b"], settings)).toMatchObject({
      count: 7,
      data: "file",
      to: ["b"],
    });
  });

  test("are the last of several texts", () => {
    expect(read(["--count", "7", "--count", "8"]).count).toBe(8);
  });

  test("hold several values of the environment, apart by their separator", () => {
    const settings = { to: fromEnvironment("a, b ,,c"), webhook: fromEnvironment("http://x=a,b  http://y ") };
    expect(read([], settings)).toMatchObject({ to: ["a", "b", "c"], webhook: ["http://x=a,b", "http://y"] });
  });

  test("hold the values of an array in a configuration file, and one value as it is", () => {
    const settings = {
      to: fromFile(["a,b", 3000]),
      webhook: fromFile("a b"),
      count: fromFile(9),
      json: fromFile(true),
    };
    expect(read([], settings)).toMatchObject({ to: ["a,b", "3000"], webhook: ["a b"], count: 9, json: true });
  });

  test.each<[string, Record<string, Setting>, string]>([
    ["a bad text", { count: fromEnvironment("many") }, "VARIABLE"],
    ["a bad switch", { json: fromEnvironment("yes") }, "VARIABLE"],
    ["an object", { count: fromFile({ a: 1 }) }, '"x" (config.json)'],
    ["null", { count: fromFile(null) }, '"x" (config.json)'],
    ["an array for one value", { count: fromFile([1]) }, '"x" (config.json)'],
    ["an object in a list", { to: fromFile(["a", {}]) }, '"x" (config.json)'],
  ])("refuse %s and name where it came from", (_what, settings, option) => {
    expect(() => read([], settings)).toThrow(expect.objectContaining({ code: "ERR_INVALID_OPTION", option }));
  });
});

describe("the words behind a command's name", () => {
  const take = (argv: string[], option: string | undefined): [readonly string[], Record<string, unknown>] => {
    const { words, texts } = takeWords(parseCommandLine(argv, table, "tool"), option);
    return [words, Object.fromEntries(texts)];
  };

  test.each<[string, string[], string | undefined, string[], object]>([
    ["stay words where no option takes them", ["emit", "a", "b"], undefined, ["a", "b"], {}],
    ["are values of the option that takes them", ["tunnel", "a", "b"], "to", [], { to: ["a", "b"] }],
    ["stand before those of the flag", ["tunnel", "a", "--to", "b", "c"], "to", [], { to: ["a", "c", "b"] }],
    ["may be none: the flag's stay", ["tunnel", "--to", "b"], "to", [], { to: ["b"] }],
    ["may be none: then nothing is given", ["tunnel"], "to", [], {}],
    ["behind -- are values too", ["tunnel", "--", "-x"], "to", [], { to: ["-x"] }],
    ["leave other options as they are", ["tunnel", "a", "--json"], "to", [], { to: ["a"], json: ["true"] }],
  ])("%s", (_fact, argv, option, words, texts) => {
    expect(take(argv, option)).toEqual([words, texts]);
  });
});

describe("a flag that people know from elsewhere", () => {
  const elsewhere = { port: "to", p: "to", constructor: "to" };

  test.each([
    [["--port", "3000"], "--port", "--to 3000"],
    [["--port=3000/x"], "--port", "--to 3000/x"],
    [["-p", "3000"], "-p", "--to 3000"],
    [["--port"], "--port", "--to"],
  ])("%j is unknown, and the advice can be pasted", (argv, flag, advice) => {
    expect(() => parseCommandLine(argv, table, "tool", elsewhere)).toThrow(
      expect.objectContaining({
        code: "ERR_UNKNOWN_FLAG",
        message: expect.stringContaining(`tool has no ${flag}. Did you mean ${advice}?`),
      }),
    );
  });

  test("is the name itself, not what every object has", () => {
    expect(() => parseCommandLine(["--toString", "x"], table, "tool", {})).toThrow(
      expect.objectContaining({ code: "ERR_UNKNOWN_FLAG", message: expect.not.stringContaining("function") }),
    );
  });
});
