import { describe, expect, test } from "vitest";
import { commandNames, findCommand } from "../../src/cli/commands/commands.ts";
import { separateCommand } from "../../src/cli/separate-command.ts";

describe("a line of run", () => {
  test.each<[string, string[], string[], string[]]>([
    ["at --", ["run", "--", "npm", "test"], ["run"], ["npm", "test"]],
    ["at the first word", ["run", "npm", "test"], ["run"], ["npm", "test"]],
    [
      "behind options and their values",
      ["run", "--webhook", "3000", "--json", "--emit=user.*", "--", "npm", "test"],
      ["run", "--webhook", "3000", "--json", "--emit=user.*"],
      ["npm", "test"],
    ],
    [
      "behind options that stand before it",
      ["--json", "--port", "4460", "run", "npm", "test"],
      ["--json", "--port", "4460", "run"],
      ["npm", "test"],
    ],
    [
      "before flags that we have too",
      ["run", "--", "jest", "--json", "--help", "--version", "-h", "--webhook"],
      ["run"],
      ["jest", "--json", "--help", "--version", "-h", "--webhook"],
    ],
    ["with flags behind a first word", ["run", "jest", "--json"], ["run"], ["jest", "--json"]],
    [
      "with a -- of its own",
      ["run", "--", "npm", "test", "--", "--watch"],
      ["run"],
      ["npm", "test", "--", "--watch"],
    ],
    ["with a -- of its own behind a first word", ["run", "npm", "--", "x"], ["run"], ["npm", "--", "x"]],
    ["that names one of ours", ["run", "--", "run", "mock"], ["run"], ["run", "mock"]],
    [
      "with words that are empty or numbers",
      ["run", "--", "x", "", "007", "1e3"],
      ["run"],
      ["x", "", "007", "1e3"],
    ],
    ["that is missing", ["run"], ["run"], []],
    ["that is missing behind --", ["run", "--json", "--"], ["run", "--json"], []],
    [
      "behind an unknown flag, which is ours to refuse",
      ["run", "--wbhook=1", "--", "x"],
      ["run", "--wbhook=1"],
      ["x"],
    ],
  ])("is separated from the command %s", (_, argv, own, wrapped) => {
    expect(separateCommand(argv)).toEqual({ own, wrapped });
  });

  test("that lacks a value is left to the parser, which says so", () => {
    expect(separateCommand(["run", "--webhook", "--", "x"]).own).toEqual(["run", "--webhook"]);
  });
});

test.each([
  [["emit", "user.created", "--print", "token"]],
  [["emit", "--", "run"]],
  [["help", "run"]],
  [["completion", "--candidates", "bash", "run", "--", "npm"]],
  [["--config", "run", "mock"]],
  [["--help"]],
  [[]],
])("%j runs no command of another", (argv) => {
  expect(separateCommand(argv)).toEqual({ own: argv, wrapped: undefined });
});

test("run alone takes a command", () => {
  expect(commandNames.filter((name) => findCommand(name).takesCommand)).toEqual(["run"]);
});
