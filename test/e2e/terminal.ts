/** The built command line in a terminal of its own, as a person has it in front of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Terminal extends AsyncDisposable {
  /** Presses keys. */
  type(keys: string): void;
  /** Resolves with the first match in what the terminal shows, past or to come; rejects when it ends without. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** All that it has shown. */
  readonly shown: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

export function openTerminal(args: readonly string[], cwd: string): Terminal {
  // In place of the shell that `script` starts, so that no other process is in the foreground.
  return openTerminalFor(`exec ${lineOf(args)}`, cwd);
}

/** The words of the built command line as a shell reads them. */
export function lineOf(args: readonly string[]): string {
  const words = [process.execPath, join(process.cwd(), "dist/cli.js"), ...args];
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** A line of the shell's in a terminal of its own. */
export function openTerminalFor(line: string, cwd: string): Terminal {
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    cwd,
    env: { PATH: process.env["PATH"], SHELL: "/bin/sh", TERM: "dumb", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const ended = once(child, "close").then(([code]: unknown[]) => code as number | null);
  return {
    type: (keys) => void child.stdin.write(keys),
    shown: () => shown,
    ended,
    shows: async (pattern) => {
      for (;;) {
        const match = pattern.exec(shown);
        if (match !== null) return match;
        const isOver = await Promise.race([
          once(child.stdout, "data").then(() => false),
          ended.then(() => !pattern.test(shown)),
        ]);
        if (isOver) throw new Error(`the terminal ended without ${pattern}:\n${shown}`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
