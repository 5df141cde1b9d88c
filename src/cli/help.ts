/** Help, laid out by yargs from the same tables that the parser reads. */
import yargs, { type Argv } from "yargs";
import { commonOptions, type Command } from "./command.ts";
import { commandNames, loadCommand } from "./commands/commands.ts";
import type { OptionTable } from "./options.ts";

const maxColumns = 110;

/**
 * Prints the help of a command, or of the whole tool.
 * @returns the exit code: 0
 * @throws {UnknownCommandError} `ERR_UNKNOWN_COMMAND`
 */
export async function showHelp(name: string | undefined, columns: number | undefined): Promise<number> {
  const page = yargs([])
    .scriptName("kinde-devhook")
    .version(false)
    .help(false)
    .locale("en")
    .wrap(Math.min(columns ?? 80, maxColumns));
  if (name === undefined) {
    await describeTool(page);
  } else {
    describeCommand(page, await loadCommand(name));
  }
  process.stdout.write(`${await page.getHelp()}\n`);
  return 0;
}

async function describeTool(page: Argv): Promise<void> {
  page.usage(
    "$0 <command>\n\nKinde's webhooks on your machine. Not affiliated with Kinde; for development only.",
  );
  for (const command of await Promise.all(commandNames.map(loadCommand))) {
    page.command(`${command.name} ${command.words}`.trim(), command.describe);
    const [first] = command.examples;
    if (first !== undefined) page.example(first[0], first[1]);
  }
  addOptions(page, commonOptions);
  page.epilogue(
    "Every option can be set as KINDE_DEVHOOK_<OPTION> in the environment, .env.local or .env, in --config, " +
      'or under "kinde-devhook" in package.json.',
  );
}

function describeCommand(page: Argv, command: Command): void {
  page.usage(`$0 ${command.name} ${command.words}\n\n${command.describe}`);
  addOptions(page, { ...command.options, ...commonOptions });
  for (const [line, does] of command.examples) page.example(line, does);
}

function addOptions(page: Argv, table: OptionTable): void {
  for (const [flag, { kind, describe, alias, placeholder, defaultText }] of Object.entries(table)) {
    page.option(flag, {
      describe: placeholder === undefined ? describe : `${describe} <${placeholder}>`,
      ...(alias !== undefined && { alias }),
      ...(kind === "switch" && { boolean: true }),
      ...(defaultText !== undefined && { default: defaultText, defaultDescription: defaultText }),
    });
  }
}
