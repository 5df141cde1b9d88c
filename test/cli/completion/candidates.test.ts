import { describe, expect, test } from "vitest";
import { optionsOf } from "../../../src/cli/command.ts";
import { commandNames, findCommand } from "../../../src/cli/commands/commands.ts";
import { findCandidates } from "../../../src/cli/completion/candidates.ts";
import { eventFixture, eventTypePatterns, eventTypes } from "../../../src/kinde/event-types.ts";

describe("commands", () => {
  test("come first, with what they do", () => {
    expect(findCandidates([""])).toEqual(
      commandNames.map((value) => ({ value, description: findCommand(value).describe })),
    );
  });

  test.each([
    [["t"], ["tunnel", "triggers"]],
    [["--json", "em"], ["emit"]],
    [["--config", "file.json", "em"], ["emit"]],
    [["emti"], []],
  ])("%j becomes %j", (words, expected) => {
    expect(values(words)).toEqual(expected);
  });
});

describe("options", () => {
  test.each(commandNames)("of %s are those of its table, with what help says", (name) => {
    const table = optionsOf(findCommand(name));
    const offered = findCandidates([name, "--"]);
    expect(offered).toEqual(
      Object.entries(table).flatMap(([flag, { alias = "", describe: description }]) => [
        { value: `--${flag}`, description },
        ...(alias.length > 1 ? [{ value: `--${alias}`, description }] : []),
      ]),
    );
  });

  test.each([
    ["that are known behind a part", ["emit", "--co"], ["--count", "--concurrency", "--config"]],
    [
      "but those that are given already",
      ["emit", "--count", "2", "--rate=5", "--json", "user.created", "--co"],
      ["--concurrency", "--config"],
    ],
    ["by another name", ["mock", "--port", "4460", "--issuer-port"], []],
    ["by a letter", ["tunnel", "-s", "name", "--sub"], []],
    ["again when they may be repeated", ["emit", "--set", "a=1", "--set"], ["--set"]],
    ["by the letter, when they may be repeated", ["tunnel", "-f", "3000", "--forw"], ["--forward"]],
    ["of the tool before there is a command", ["--"], ["--json", "--config", "--help", "--version"]],
    [
      "unasked, where no word is known",
      ["mock", "--json", "--timeout", "5s", "--issuer-port", "1", ""],
      [
        "--webhook",
        "--client",
        "--strict",
        "--max-webhooks",
        "--speed",
        "--no-resume",
        "--issuer",
        "--no-inspector",
        "--json-token",
        "--config",
        "--help",
        "--version",
      ],
    ],
    ["none behind --", ["emit", "--", "--"], []],
    ["none of another command", ["keys", "--we"], []],
  ])("are offered: %s", (_which, words, expected) => {
    expect(values(words)).toEqual(expected);
  });
});

describe("values", () => {
  const userTypes = eventTypes.filter((type) => type.startsWith("user."));

  test.each<[string, string[], readonly string[]]>([
    ["--print", ["emit", "--print", ""], ["token", "claims", "curl", "http"]],
    ["--print, by its beginning", ["emit", "user.created", "--print", "c"], ["claims", "curl"]],
    ["--print=", ["emit", "--print=t"], ["--print=token"]],
    ["--emit", ["run", "--emit", "user."], ["user.*", ...userTypes]],
    ["--source", ["emit", "--source", ""], ["admin", "api", "user"]],
    ["--event-types", ["tunnel", "--event-types", "user."], ["user.*", ...userTypes]],
    ["--event-types, behind a comma", ["tunnel", "--event-types", "role.*,user.c"], ["role.*,user.created"]],
    ["--event-types=", ["tunnel", "--event-types=*"], ["--event-types=*"]],
    ["emit", ["emit", ""], eventTypePatterns],
    ["emit, a second time", ["emit", "role.created", "user."], ["user.*", ...userTypes]],
    ["emit, behind a comma", ["emit", "role.created,passkey.a"], ["role.created,passkey.added"]],
    ["emit, behind --wait-on, which needs none", ["emit", "--wait-on", "passkey.a"], ["passkey.added"]],
    ["emit, behind --", ["emit", "--", "passkey.a"], ["passkey.added"]],
    ["triggers", ["triggers", "passkey."], ["passkey.*", "passkey.added", "passkey.removed"]],
    ["keys", ["keys", ""], ["show", "rotate", "retire", "export"]],
    ["keys, by its beginning", ["keys", "r"], ["rotate", "retire"]],
    [
      "keys retire: not known",
      ["keys", "retire", ""],
      ["--private", "--pem", "--json", "--config", "--help", "--version"],
    ],
    ["completion", ["completion", ""], ["bash", "zsh", "fish"]],
    ["completion, by its beginning", ["completion", "f"], ["fish"]],
    ["completion, once", ["completion", "bash", "z"], []],
    ["--print, one alone", ["emit", "--print", "token,"], []],
    ["--to: not known", ["emit", "--to", ""], []],
    ["-f: not known", ["tunnel", "-f", ""], []],
    ["--json: it has none", ["emit", "--json="], []],
    ["an option there is not", ["emit", "--colour="], []],
  ])("of %s are offered", (_whose, words, expected) => {
    expect(values(words)).toEqual(expected);
  });

  test("of event types say what they are", () => {
    const description = eventFixture("user.created").description;
    expect(findCandidates(["emit", "user.cr"])).toEqual([{ value: "user.created", description }]);
  });

  test.each([
    [["emit", "--data", ""]],
    [["emit", "user.created", "--data", "fixtures/u"]],
    [["emit", "--data=fix"]],
    [["mock", "--config", ""]],
    [["--config", ""]],
    [["run", "--", ""]],
    [["run", "--", "npm", "--w"]],
    [["run", "npm", "-"]],
    [["--json", "run", "--webhook", "3000", "--", "npm", "test", ""]],
  ])("%j are files, which the shell completes", (words) => {
    expect(findCandidates(words)).toBe("files");
  });
});

function values(words: readonly string[]): readonly string[] {
  const found = findCandidates(words);
  return found === "files" ? [found] : found.map(({ value }) => value);
}
