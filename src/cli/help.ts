/** Help, laid out by yargs from the same tables that the parser reads. */
import yargs, { type Argv } from "yargs";
import { commonOptions, optionsOf, type Command } from "./command.ts";
import { commandNames, findCommand } from "./commands/commands.ts";
import type { Option, OptionTable } from "./option.ts";

const columnsElsewhere = 100;
const maxColumns = 110;

/**
 * Prints the help of a command, or of the whole tool.
 * @param columns the terminal's width, if it is one
 * @returns the exit code: 0
 * @throws {UnknownCommandError} `ERR_UNKNOWN_COMMAND`
 */
export async function showHelp(name: string | undefined, columns: number | undefined): Promise<number> {
  const page = yargs([])
    .scriptName("kinde-devhook")
    .version(false)
    .help(false)
    .locale("en")
    .wrap(Math.min(columns ?? columnsElsewhere, maxColumns));
  const commands = (name === undefined ? commandNames : [name]).map(findCommand);
  const [command] = commands;
  if (name === undefined || command === undefined) describeTool(page, commands);
  else describeCommand(page, command);
  const examples = commands.flatMap((shown) =>
    name === undefined ? shown.examples.slice(0, 1) : shown.examples,
  );
  process.stdout.write(`${await page.getHelp()}\n\n${formatExamples(examples)}\n`);
  return 0;
}

function describeTool(page: Argv, commands: readonly Command[]): void {
  page.usage(
    "$0 <command>\n\nKinde's webhooks on your machine. Not affiliated with Kinde; for development only.",
  );
  for (const { name, words, describe } of commands) page.command(`${name} ${words}`.trim(), describe);
  addOptions(page, commonOptions);
  page.epilogue(
    "--help behind a command lists its options. Every option of a command can be set as KINDE_DEVHOOK_<OPTION> in the environment, .env.local or .env, in --config, " +
      'or under "kinde-devhook" in package.json.',
  );
}

function describeCommand(page: Argv, command: Command): void {
  const { name, words, describe } = command;
  page.usage(`$0 ${name} ${words}\n\n${describe}`);
  addOptions(page, optionsOf(command));
}

function addOptions(page: Argv, table: OptionTable): void {
  for (const [flag, option] of Object.entries(table)) {
    page.option(flag, {
      describe: describeOption(option),
      ...(option.alias !== undefined && { alias: option.alias }),
    });
  }
}

/** Its value first; the default last, in the text: in a column of its own it would take the room of all. */
function describeOption({
  describe,
  placeholder,
  values,
  defaultText,
  isValueOptional,
}: Option<unknown>): string {
  const value = placeholder ?? (values === undefined || values === "files" ? undefined : values.join("|"));
  return [
    ...(value === undefined ? [] : [isValueOptional === true ? value : `<${value}>`]),
    describe + (defaultText === undefined ? "" : ` (default ${defaultText})`),
  ].join("  ");
}

/** Every line whole, whatever the width, for it is there to be pasted. */
function formatExamples(examples: Command["examples"]): string {
  return ["Examples:", ...examples.map(([line, does]) => `  ${line}\n      ${does}`)].join("\n");
}
