import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cliPath, findFreePort, startNode } from "../helpers/processes.mjs";

const limitMs = 15_000;
const pollMs = 20;
const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** The bare app. @param refusals how many requests it answers 500 before it takes any */
export function startApp(project, refusals = 0) {
  return startListening(project, "relay-app.mjs", refusals);
}

/** The yardstick of the relay. It needs `jwks.json` in the project. */
export function startYardstick(project, appPort) {
  return startListening(project, "relay-yardstick.mjs", appPort, "jwks.json", "yardstick.ndjson");
}

/** The npm client of localtunnel. */
export async function startPlainClient(project, appPort, serverUrl, subdomain) {
  const args = [pathOf("relay-plain-client.mjs"), appPort, serverUrl, subdomain].map(String);
  const client = startNode(args, { cwd: project.directory, env: project.environment });
  const line = await client.line(/^listening /);
  const { hostname } = new URL(line.slice("listening ".length));
  // A taken name is answered with another one.
  if (hostname !== `${subdomain}.localhost`) throw new Error(`the plain client got ${hostname}`);
  return { stop: client.stop };
}

/** `tunnel` behind a public URL that is its own intake: no tunnel between. */
export async function startRelay(project, appPort, issuerPort) {
  const port = await findFreePort();
  const args = ["--public-url", `http://localhost:${port}`, "--intake-port", String(port)];
  return { port, ...(await startTunnel(project, appPort, issuerPort, args)) };
}

/** `tunnel` through a localtunnel server. */
export function startTunnelOn(project, appPort, serverUrl, subdomain, issuerPort) {
  return startTunnel(project, appPort, issuerPort, ["--host", serverUrl, "--subdomain", subdomain]);
}

/** `tunnel`, in a project of its own, from spawn to its `ready`. */
async function startTunnel(project, appPort, issuerPort, args) {
  const localIssuerPort = await findFreePort();
  const cwd = join(project.directory, `tunnel-${localIssuerPort}`);
  mkdirSync(join(cwd, ".kinde-devhook"), { recursive: true, mode: 0o700 });
  const output = join(cwd, "output.ndjson");
  const preload = ["--import", pathOf("output-to-file.mjs")];
  const issuer = ["--issuer", `http://localhost:${issuerPort}`, "--issuer-port", String(localIssuerPort)];
  const tunnel = startNode(
    [...preload, cliPath, "tunnel", `${appPort}/api/webhook`, ...args, ...issuer, "--json"],
    { cwd, env: { ...project.environment, OUTPUT_FILE: output } },
  );
  await waitForReady(tunnel, output);
  return { pid: tunnel.pid, stop: tunnel.stop };
}

async function startListening(project, script, ...args) {
  const port = await findFreePort();
  const server = startNode([pathOf(script), port, ...args].map(String), {
    cwd: project.directory,
    env: project.environment,
  });
  await server.line(/^listening$/);
  return { port, stop: server.stop };
}

async function waitForReady(tunnel, output) {
  let isOver = false;
  void tunnel.ended.then(() => (isOver = true));
  const signal = AbortSignal.timeout(limitMs);
  for (;;) {
    const text = readIfThere(output);
    if (text.split("\n").some((line) => line.includes('"record":"ready"'))) return;
    if (isOver || signal.aborted) {
      const { errors } = isOver ? await tunnel.ended : { errors: `not ready within ${limitMs / 1000} s` };
      throw new Error(`tunnel: ${errors.trim()}\n${text}`);
    }
    await setTimeout(pollMs);
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
