/** The built command line, run as a user runs it. `npm run build` comes first. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const builtBin = join(process.cwd(), "dist/cli.js");

export interface CliOptions {
  /** The working directory: the project. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Another than the one that was built here. */
  readonly bin?: string;
  /** Another Node than this. */
  readonly node?: string;
  /** Standard input; empty without it. */
  readonly input?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The records of `--json`. */
  readonly records: readonly CliRecord[];
}

export type CliRecord = { readonly record: string; readonly at: string } & Readonly<Record<string, never>>;

export interface RunningCli extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with the first line of stdout or stderr, past or to come, that matches; rejects when the process ends without it. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when the process has ended. */
  readonly ended: Promise<CliResult>;
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  await using running = startCli(args, options);
  return await running.ended;
}

/** Starts the command line; it is killed at the end of the block if it still runs. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const { cwd, env, bin = builtBin, node = process.execPath, input } = options;
  const child = spawn(node, [bin, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  let isOver = false;
  const watchers = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      for (const watch of watchers) watch();
    });
  }
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const ended = once(child, "close").then(([code]: unknown[]): CliResult => {
    isOver = true;
    for (const watch of watchers) watch();
    return { code: code as number | null, ...output, records: parseRecords(output.stdout) };
  });
  return {
    child,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const lines = [output.stdout, output.stderr].flatMap((text) => linesOf(text, isOver));
          const line = lines.find((text) => pattern.test(text));
          if (line !== undefined) {
            watchers.delete(watch);
            resolve(line);
          } else if (isOver) {
            reject(new Error(`ended without ${pattern}:\n${output.stdout}\n${output.stderr}`));
          }
        };
        watchers.add(watch);
        watch();
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** As long as more may come, what stands behind the last line break is half a line. */
function linesOf(text: string, isOver: boolean): string[] {
  const lines = text.split("\n");
  return isOver ? lines : lines.slice(0, -1);
}

function parseRecords(stdout: string): CliRecord[] {
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as CliRecord];
      } catch {
        return [];
      }
    });
}
