/** A project as a reader of the README has it: the built package among its dependencies, and files of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

export interface ReaderProject extends Disposable {
  readonly path: string;
  /** Runs a program of Node's in the project, to its end. */
  run(args: readonly string[]): Promise<Run>;
}

export interface Run {
  readonly code: number | null;
  /** stdout and stderr, as they came. */
  readonly output: string;
}

/** Without a packed tarball and a registry: what this checkout built and installed, in the same places. */
export function createReaderProject(files: Readonly<Record<string, string>>): ReaderProject {
  const { path, [Symbol.dispose]: remove } = createTemporaryDirectory();
  const modules = join(path, "node_modules");
  for (const name of [
    "@hono",
    "@kinde",
    "@types",
    "express",
    "fastify",
    "hono",
    "jsonwebtoken",
    "jwks-rsa",
  ]) {
    link(join("node_modules", name), join(modules, name));
  }
  link("node_modules/vitest", join(modules, "vitest"));
  // Copied: a link would be followed out of node_modules, and vitest would take the package for the reader's own code.
  for (const part of ["dist", "package.json"]) {
    cpSync(part, join(modules, "kinde-devhook", part), { recursive: true });
  }
  writeFiles(path, { "package.json": '{"type":"module"}', ...files });
  return {
    path,
    run: (args) => runIn(path, process.execPath, args),
    [Symbol.dispose]: remove,
  };
}

export function writeFiles(path: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Then the command and all that it has started are killed. */
  readonly limitMs?: number;
}

/** Runs a command to its end, without the variables that this test run has set for itself. */
export async function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  { env, limitMs = 60_000 }: RunOptions = {},
): Promise<Run> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which can be killed as one.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const limit = AbortSignal.timeout(limitMs);
  limit.addEventListener("abort", () => {
    const runs = child.exitCode === null && child.signalCode === null;
    if (runs && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(process.cwd(), target), path);
}
