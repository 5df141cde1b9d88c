/** Another program as a child of this process, with this process' own standard streams. */
import spawn from "cross-spawn";
import { once } from "node:events";
import { constants } from "node:os";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";

export interface SpawnCommandOptions {
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where its standard output goes: to ours, or to our standard error. */
  readonly output: "stdout" | "stderr";
}

export interface SpawnedCommand {
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<CommandEnd>;
  /** Passes a signal on; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;
}

/** The exit code is its own; of a command that a signal ended, 128 and the signal's number, as shells have it. */
export interface CommandEnd {
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
}

export class CommandNotFoundError extends DevhookError {
  override readonly code = "ERR_COMMAND_NOT_FOUND";
  override readonly exitCode = 127;
  readonly command: string;
  constructor(command: string) {
    super(
      `Failed to run ${JSON.stringify(command)}: ` +
        (/[/\\]/.test(command)
          ? "there is no such file, or not the program that its first line names. Is the path right?"
          : "there is no such command. Is it installed, and on PATH? A project's own tools are found through npx: run -- npx …"),
    );
    this.command = command;
  }
}

export class CommandNotExecutableError extends DevhookError {
  override readonly code = "ERR_COMMAND_NOT_EXECUTABLE";
  override readonly exitCode = 126;
  readonly command: string;
  constructor(command: string, cause: unknown) {
    super(
      `Failed to run ${JSON.stringify(command)}: it can't be executed (${systemErrorCode(cause) ?? String(cause)}). ` +
        "Is it a program, and may this user execute it (chmod +x)?",
    );
    this.command = command;
    this.cause = cause;
  }
}

/**
 * Starts a command, without a shell.
 * @throws {CommandNotFoundError} `ERR_COMMAND_NOT_FOUND`
 * @throws {CommandNotExecutableError} `ERR_COMMAND_NOT_EXECUTABLE`
 */
export async function spawnCommand(
  [command = "", ...args]: readonly string[],
  { environment, output }: SpawnCommandOptions,
): Promise<SpawnedCommand> {
  try {
    // By file descriptor: a stream of ours in between would be no terminal where ours is one.
    const stdout = output === "stderr" ? 2 : "inherit";
    // On Windows npm and its kin are scripts, which cmd.exe alone runs; elsewhere this is Node's own spawn.
    const child = spawn(command, args, { env: environment, stdio: ["inherit", stdout, "inherit"] });
    await once(child, "spawn");
    // A signal that can't be passed on, as to a program of another user, is an error of its own and no end.
    child.on("error", () => {});
    return {
      // It is there once the process is.
      pid: child.pid!,
      ended: new Promise((resolve) => {
        child.once("exit", (code, signal) => resolve(describeEnd(code, signal)));
      }),
      kill: (signal) => void child.kill(signal),
    };
  } catch (error) {
    throw systemErrorCode(error) === "ENOENT"
      ? new CommandNotFoundError(command)
      : new CommandNotExecutableError(command, error);
  }
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): CommandEnd {
  return { exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), signal };
}
