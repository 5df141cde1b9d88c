import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commonOptions, optionsOf } from "../../src/cli/command.ts";
import { commandNames, findCommand } from "../../src/cli/commands/commands.ts";
import type { OptionTable } from "../../src/cli/option.ts";
import { isCi } from "../helpers/ci.ts";
import { createProject } from "./project.ts";

describe("help of the tool", () => {
  test.each([["--help"], ["-h"], ["help"], []])(
    "is shown by `%s`, with every command and a line to paste for each",
    async (...args) => {
      using project = await createProject();
      const { code, stdout, stderr } = await project.run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const [page = "", examples] = stdout.split("\nExamples:\n");
      for (const { name, words, describe: does, examples: lines } of commandNames.map(findCommand)) {
        expect(inOneLine(page)).toContain(`kinde-devhook ${`${name} ${words}`.trim()} `);
        // The description runs on beside the names of commands, so that only its beginning is in one piece.
        expect(page).toContain(does.slice(0, 30));
        expect(examples).toContain(`  ${lines[0]![0]}\n      ${lines[0]![1]}\n`);
      }
      expectOptions(page, commonOptions);
      expect(page).toContain("Not affiliated with Kinde");
    },
  );

  test("is not lost where the settings are wrong", async () => {
    using project = await createProject();
    project.write("package.json", "{ no JSON");
    const { code, stdout } = await project.run([], { env: { KINDE_DEVHOOK_CONFIG: "missing.json" } });
    expect(code).toBe(0);
    expect(stdout).toContain("kinde-devhook emit");
  });
});

describe.each(commandNames)("help of %s", (name) => {
  const command = findCommand(name);

  test.each([[[name, "--help"]], [[name, "-h"]], [["help", name]]])(
    "is shown by %j: every option, every example",
    async (args) => {
      using project = await createProject();
      const { code, stdout, stderr } = await project.run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const [page = "", examples] = stdout.split("\nExamples:\n");
      expect(page.split("\n")[0]).toBe(`kinde-devhook ${name} ${command.words}`.trim());
      expect(inOneLine(page)).toContain(command.describe);
      expectOptions(page, optionsOf(command));
      expect(examples).toBe(command.examples.map(([line, does]) => `  ${line}\n      ${does}\n`).join(""));
      expect(command.examples).not.toEqual([]);
    },
  );
});

test("help of an unknown command is an error that names the nearest", async () => {
  using project = await createProject();
  const { code, stderr } = await project.run(["emti", "--help"]);
  expect(code).toBe(2);
  expect(stderr).toContain('"emit"');
});

test("help asked for does what the command would not: nothing", async () => {
  using project = await createProject();
  const { code, stdout } = await project.run(["emit", "user.created", "--count", "nonsense", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("--count");
});

describe.skipIf(spawnSync("script", ["--version"]).status !== 0 && !isCi)("on a terminal", () => {
  test.each([
    [80, 80],
    [200, 110],
  ])("of %i columns help is up to %i wide, but for the lines to paste", (columns, width) => {
    const cli = `"${process.execPath}" "${join(process.cwd(), "dist/cli.js")}"`;
    for (const name of ["", ...commandNames]) {
      const { status, stdout } = spawnSync(
        "script",
        ["-qec", `stty cols ${columns}; ${cli} ${name} --help`, "/dev/null"],
        { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
      );
      expect(status).toBe(0);
      const [page = ""] = stdout.replaceAll("\r", "").split("\nExamples:\n");
      expect(page).toContain("--help");
      expect(Math.max(...page.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });
});

/** Each with its names, what it takes, what it does and what holds without it. */
function expectOptions(page: string, table: OptionTable): void {
  const text = inOneLine(page);
  for (const [flag, option] of Object.entries(table)) {
    const { alias, describe: does, placeholder, values, defaultText } = option;
    const long = alias === undefined ? `--${flag}` : `--${flag}, --${alias}`;
    const names = alias?.length === 1 ? `-${alias}, --${flag}` : long;
    const takes = placeholder ?? (Array.isArray(values) ? values.join("|") : "");
    const otherwise = defaultText === undefined ? "" : ` (default ${defaultText})`;
    expect(text).toContain(` ${names} `);
    expect(text).toContain(takes);
    expect(text).toContain(does + otherwise);
  }
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
