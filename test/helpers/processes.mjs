// What the demo and the bench share: a project in a temporary directory, child processes, free ports.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const cliPath = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** A project of our own: nothing in the caller's directories or environment takes part. */
export function createProject() {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "kinde-devhook-")));
  // With this the project is found here, whatever the directories above hold.
  mkdirSync(join(directory, ".kinde-devhook"), { mode: 0o700 });
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(KINDE_|NODE_OPTIONS$)/.test(name)),
  );
  return {
    directory,
    environment: { ...environment, NO_COLOR: "1" },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The children that run, with the promise of their end. */
const running = new Map();
let isStopping = false;

/**
 * Starts `node` with these arguments. It is ended by `stopAll` if it still runs.
 * @param {string[]} args
 * @param {{ cwd: string, env: Record<string, string | undefined> }} options
 */
export function startNode(args, options) {
  if (isStopping) throw new Error("no process is started any more");
  const child = spawn(process.execPath, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  let errors = "";
  const output = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const ended = once(child, "close").then(([code]) => ({ code, lines, errors }));
  running.set(child, ended);
  void ended.then(() => running.delete(child));
  return {
    pid: child.pid,
    ended,
    /** Resolves with the first line of stdout that matches, past or to come; rejects when it ends without. */
    line: async (pattern) => {
      for (;;) {
        const line = lines.find((text) => pattern.test(text));
        if (line !== undefined) return line;
        const isOver = await Promise.race([
          once(output, "line").then(() => false),
          ended.then(() => !lines.some((text) => pattern.test(text))),
        ]);
        if (isOver) {
          throw new Error(`a process ended without ${pattern}: ${errors.trim() || lines.join("\n")}`);
        }
      }
    },
    /** Sends the signal and resolves with the end. */
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Ends every process that `startNode` started and that still runs; no other is started after it. */
export async function stopAll() {
  isStopping = true;
  for (const child of running.keys()) child.kill("SIGKILL");
  await Promise.all(running.values());
}

/**
 * A port that nobody listens on at the moment. It lies below the ports that systems give to outgoing connections:
 * there a client that knocks again and again can, by chance, connect to itself.
 */
export async function findFreePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
