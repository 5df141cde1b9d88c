/** The command lines of the README, and a shell that runs them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { codeBlocks } from "./readme.ts";

/** Without what is said of them behind `#`. */
export const commandLines: readonly string[] = codeBlocks("sh")
  .flatMap((block) => block.split("\n"))
  .filter((line) => line.includes("npx kinde-devhook"))
  .map((line) => line.replace(/\s+#.*$/, ""));

export interface ShellRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs lines in `app` of a directory, with the command line that was built here. */
export async function runShell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ShellRun> {
  mkdirSync(join(cwd, "app"), { recursive: true });
  // Where the shells keep what they read at their start.
  mkdirSync(join(cwd, ".config/fish/conf.d"), { recursive: true });
  const bin = join(process.cwd(), "dist", "cli.js");
  const shell = spawn("sh", ["-c", line.replaceAll("npx kinde-devhook", `"${process.execPath}" "${bin}"`)], {
    cwd: join(cwd, "app"),
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, "close") as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
}
