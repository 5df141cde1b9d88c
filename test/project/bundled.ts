import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

/** A script that real processes run, of source files that they could not read as they are. */
export interface BundledScript extends Disposable {
  readonly path: string;
  /**
   * Starts a process of it; it ends with this one, at the latest.
   * @param args what `process.argv` has from index 2
   */
  start(...args: readonly string[]): ScriptProcess;
}

export interface ScriptProcess {
  readonly child: ChildProcess;
  /** Resolves with the next message of the process; rejects when it ends without one. */
  message(): Promise<unknown>;
  /** Resolves with what it wrote to stderr, which is empty unless it failed. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>;
}

/** @param source an ES module; its imports start at the root of the repository: `./src/…` */
export async function bundleScript(source: string): Promise<BundledScript> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    write: false,
    logLevel: "error",
  });
  const temporary = createTemporaryDirectory();
  const path = join(temporary.path, "script.mjs");
  writeFileSync(path, outputFiles[0]?.contents ?? "");
  const children: ChildProcess[] = [];
  return {
    path,
    start: (...args) => {
      const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
      children.push(child);
      let errors = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
      const ended = once(child, "close").then(([code]: unknown[]) => ({
        code: code as number | null,
        errors,
      }));
      const endedEarly = ended.then(() => {
        throw new Error(`ended without a message: ${errors}`);
      });
      endedEarly.catch(() => {});
      return {
        child,
        ended,
        message: async () =>
          await Promise.race([once(child, "message").then(([message]: unknown[]) => message), endedEarly]),
      };
    },
    [Symbol.dispose]: () => {
      for (const child of children) child.kill("SIGKILL");
      temporary[Symbol.dispose]();
    },
  };
}
