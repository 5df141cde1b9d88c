#!/usr/bin/env node
/** The command line's beginning and end: finds the command, runs it, turns what it throws into a line and an exit code. */
import { InvalidOptionError, isUserError, type DevhookError } from "../kinde/errors.ts";
import { findProject } from "../project/directory.ts";
import { readSettings } from "../project/settings.ts";
import { commonOptions, jsonOption, optionsOf } from "./command.ts";
import { allOptions, commandNames, findCommand } from "./commands/commands.ts";
import { graceMs, listenForSignals, signalExitCodes } from "./interruption.ts";
import { dieWithTerminal } from "./lost-terminal.ts";
import { findCommandName, parseCommandLine, readOptions, takeWords } from "./options.ts";
import { createReporter } from "./output/reporter.ts";
import { createPaint, escapeControls } from "./output/text.ts";
import { separateCommand } from "./separate-command.ts";

// What stands behind `run` is another command's line: its `--help` and `--json` are none of ours.
const { own: argv, wrapped } = separateCommand(process.argv.slice(2));

// `--json` decides how even the parser's own errors are told; a setting that asks for it is known later.
let reporter = createReporter(process, process.env, asksForJson());
const interruption = listenForSignals();

// Who reads our output may stop reading (`| head`, EPIPE), or its terminal is closed (EIO): no reason for a stack, and
// nothing left to say.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    interruption.endForBrokenPipe();
  });
}

// However it ends: what was recorded in the last turn is still to be written.
process.on("exit", () => reporter.flush());

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = fail(error);
}
// Whoever pressed Ctrl-C is not kept waiting by a timer of somebody else's that is still to fire, or by who reads nothing.
if (interruption.stop.aborted) {
  await reporter.drained(AbortSignal.timeout(graceMs));
  // Behind those of others, who have something left to do.
  process.once("exit", dieWithTerminal);
  process.exit();
}

async function main(): Promise<number> {
  // The shell asks at the Tab key, about any line: before anything is read of it or of the project.
  if (argv[0] === "completion" && argv[1] === "--candidates") return await answerShell(argv.slice(2));
  if (argv.includes("--version")) return showVersion();
  const name = findCommandName(argv, allOptions);
  if (argv.includes("--help") || argv.includes("-h")) return await help(name);
  if (name === undefined) {
    parseCommandLine(argv, commonOptions, "kinde-devhook");
    return await help(undefined);
  }
  if (name === "help") return await help(argv.find((word) => word !== "help" && !word.startsWith("-")));
  const command = findCommand(name);
  const parsed = parseCommandLine(argv, optionsOf(command), `kinde-devhook ${name}`, command.elsewhere);
  const { words, texts } = takeWords(parsed, command.wordsOption);
  const workingDirectory = readWorkingDirectory();
  const project = findProject(workingDirectory, process.env["KINDE_DEVHOOK_HOME"]);
  const configPath = texts.get("config")?.at(-1) ?? (process.env["KINDE_DEVHOOK_CONFIG"] || undefined);
  const settings = readSettings(project, process.env, workingDirectory, configPath);
  const json = command.isScript !== true && readOptions({ json: jsonOption }, texts, settings).json;
  const isStdoutTaken = command.takesCommand === true && !json;
  if (json !== reporter.isJson || isStdoutTaken) {
    reporter.flush();
    const { stdout, stderr } = process;
    reporter = createReporter({ stdout: isStdoutTaken ? stderr : stdout, stderr }, process.env, json);
  }
  const exit = await command.run({
    words: wrapped ?? words,
    given: new Set(texts.keys()),
    // Help, version and the configuration file itself are asked for, not set.
    options: readOptions(command.options, texts, settings),
    context: {
      workingDirectory,
      environment: process.env,
      settings,
      project,
      reporter,
      interruption,
      // A getter: whoever only touches it has Node open it, which a command that inherits it need not have done.
      get stdin() {
        return process.stdin;
      },
    },
  });
  if (typeof exit === "object") return end(exit.code, exit.reason);
  return end(exit, exit === 0 ? "done" : "not_delivered");
}

/** Before the options can be read: a mistake in them is to be told in the form that was asked for. */
function asksForJson(): boolean {
  // What goes into a shell's own files may hold no record, not even of an error.
  const name = argv.find((word) => !word.startsWith("-"));
  if (name !== undefined && commandNames.includes(name) && findCommand(name).isScript === true) return false;
  return argv.includes("--json") || ["1", "true"].includes(process.env["KINDE_DEVHOOK_JSON"] ?? "");
}

/** The last record. @returns the exit code: a signal's own, if one came */
function end(code: number, reason: string, message?: string): number {
  const signal = interruption.signal();
  const exit = signal === undefined ? { code, reason } : { code: signalExitCodes[signal], reason: signal };
  reporter.progress(undefined);
  if (reporter.isJson) {
    reporter.record({ record: "exit", ...exit, ...(message !== undefined && { message }) });
  }
  return exit.code;
}

/** @throws {InvalidOptionError} when somebody has deleted it */
function readWorkingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new InvalidOptionError("the working directory", "a directory", "one that is no longer there");
  }
}

function showVersion(): number {
  process.stdout.write(`${__VERSION__}\n`);
  return 0;
}

async function answerShell([shell = "", ...words]: readonly string[]): Promise<number> {
  const { answerTab } = await import("./completion/shells.ts");
  process.stdout.write(answerTab(shell, words));
  return 0;
}

async function help(name: string | undefined): Promise<number> {
  const { showHelp } = await import("./help.ts");
  return await showHelp(name, process.stdout.columns);
}

/** One line for what a user can cause, a stack for a bug of ours. @returns the exit code */
function fail(error: unknown): number {
  reporter.progress(undefined);
  if (isUserError(error)) {
    process.stderr.write(userLine(error, createPaint(process.stderr, process.env)));
    return end(error.exitCode, error.code, error.message);
  }
  // After Ctrl-C whatever waited has been told to stop waiting.
  if (interruption.stop.aborted) return end(1, "interrupted");
  process.stderr.write(bugText(error));
  return end(1, "ERR_INTERNAL", String(error));
}

function userLine(error: DevhookError, paint: ReturnType<typeof createPaint>): string {
  return `${paint("red", "error")} ${escapeControls(error.message)} ${paint("dim", `(${error.code})`)}\n`;
}

function bugText(error: unknown): string {
  return `This is a bug in kinde-devhook ${__VERSION__}; please report it with what follows.\n${error instanceof Error ? error.stack : String(error)}\n`;
}
