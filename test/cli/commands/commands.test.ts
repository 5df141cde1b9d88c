import { describe, expect, test } from "vitest";
import { commandNames, findCommand } from "../../../src/cli/commands/commands.ts";
import { optionsOf } from "../../../src/cli/command.ts";
import { parseCommandLine, readOptions, takeWords } from "../../../src/cli/options.ts";
import { separateCommand } from "../../../src/cli/separate-command.ts";
import { eventTypePatterns, matchEventTypes } from "../../../src/kinde/event-types.ts";

const commands = commandNames.map(findCommand);

describe.each(commands.map((command) => [command.name, command] as const))("%s", (name, command) => {
  const table = optionsOf(command);

  test.each(command.examples)("`%s` is a line that it reads", (line) => {
    // In the examples single quotes and where the output goes are all that a shell takes away.
    const argv = line
      .replace(/^npx kinde-devhook /, "")
      .replace(/ >>? \S+$/, "")
      .split(" ")
      .map((word) => word.replaceAll("'", ""));
    const { own, wrapped } = separateCommand(argv);
    expect((wrapped?.length ?? 0) > 0).toBe(command.takesCommand === true);
    const parsed = parseCommandLine(own, table, name);
    expect(parsed.words[0]).toBe(name);
    const { words, texts } = takeWords(parsed, command.wordsOption);
    expect(() =>
      readOptions(table, texts, { flag: () => undefined, variable: () => undefined, names: () => [] }),
    ).not.toThrow();
    const takesEventTypes = command.wordValues === eventTypePatterns;
    const isKnown = (word: string): boolean | undefined =>
      takesEventTypes ? matchEventTypes(word).length > 0 : command.wordValues?.includes(word);
    expect(words.filter((word) => !isKnown(word))).toEqual([]);
  });

  test.each(Object.entries(command.options))(
    "--%s says in help what it is and what it takes",
    (flag, option) => {
      expect(option.describe).toMatch(/^[A-Z].*[^.]$/);
      const saysWhatItTakes = option.placeholder !== undefined || Array.isArray(option.values);
      expect(saysWhatItTakes).toBe(option.kind !== "switch");
      // KINDE_DEVHOOK_HOME, _URL and _TOKEN are the environment's own words.
      expect(["home", "url", "token"]).not.toContain(flag);
    },
  );

  test.each(
    Object.entries(table).flatMap(([flag, { values, parse }]) =>
      (Array.isArray(values) ? values : []).map((value: string) => ({ flag, value, parse })),
    ),
  )("--$flag reads $value, which completion offers", ({ flag, value, parse }) => {
    expect(() => parse([value], `--${flag}`)).not.toThrow();
  });

  test.each(Object.entries(command.options).filter(([, option]) => option.defaultText !== undefined))(
    "--%s has the default that help shows, or leaves it to whoever needs it",
    (flag, option) => {
      expect([undefined, [], option.parse([option.defaultText!], flag)]).toContainEqual(
        option.parse([], flag),
      );
    },
  );
});

test.each([
  ["emti", "emit"],
  ["Mock", "mock"],
  ["trigger", "triggers"],
  ["key", "keys"],
  ["docter", "doctor"],
  ["completions", "completion"],
  ["histroy", "history"],
  ["reply", "replay"],
])("%s is no command; the nearest, %s, is named", (name, nearest) => {
  expect(() => findCommand(name)).toThrow(
    expect.objectContaining({
      code: "ERR_UNKNOWN_COMMAND",
      command: name,
      message: expect.stringContaining(`Did you mean "${nearest}"?`),
    }),
  );
});

test.each(["", "something", "toString", "__proto__"])("%j is no command, and none is near", (name) => {
  expect(() => findCommand(name)).toThrow(
    expect.objectContaining({
      code: "ERR_UNKNOWN_COMMAND",
      message: expect.not.stringContaining("Did you mean"),
    }),
  );
});
