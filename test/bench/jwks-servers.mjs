import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath, startNode } from "../helpers/processes.mjs";
import { waitForJwks } from "./jwks-client.mjs";

const bareServerPath = fileURLToPath(new URL("bare-server.mjs", import.meta.url));
const limitMs = 10_000;

/** `mock` of a project, from spawn to its first answer. */
export function startMock(project, port) {
  return startServer([cliPath, "mock", "--issuer-port", String(port)], project, port);
}

/** A bare server of the same bytes, from spawn to its first answer. */
export function startBareServer(project, port, jwks) {
  const file = join(project.directory, "jwks.json");
  writeFileSync(file, jwks);
  return startServer([bareServerPath, String(port), file], project, port);
}

async function startServer(args, project, port) {
  const startedAt = performance.now();
  const server = startNode(args, { cwd: project.directory, env: project.environment });
  const jwks = await waitForJwks(port, AbortSignal.timeout(limitMs));
  return { elapsedMs: performance.now() - startedAt, jwks, stop: server.stop };
}
