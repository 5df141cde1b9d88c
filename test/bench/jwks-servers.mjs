import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliPath, startNode } from "../helpers/processes.mjs";
import { jwksPath, waitForJwks } from "./jwks-client.mjs";

const bareServerPath = fileURLToPath(new URL("bare-server.mjs", import.meta.url));
const bareTokenServerPath = fileURLToPath(new URL("bare-token-server.mjs", import.meta.url));
const oauthServerPath = fileURLToPath(
  new URL("../../node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs", import.meta.url),
);
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

/** A bare server that signs the token of an answer anew each time; a request for its JWKS gets one as well. */
export function startBareTokenServer(project, port, keyFile, answer) {
  const file = join(project.directory, "token-answer.json");
  writeFileSync(file, answer);
  return startServer([bareTokenServerPath, String(port), keyFile, file], project, port);
}

/** The command of oauth2-mock-server, from spawn to its first answer. */
export function startOauthServer(project, port, args = []) {
  return startServer([oauthServerPath, "-p", String(port), ...args], project, port, "/jwks");
}

async function startServer(args, project, port, path = jwksPath) {
  const startedAt = performance.now();
  const server = startNode(args, { cwd: project.directory, env: project.environment });
  const gone = new AbortController();
  void server.ended.then(({ errors }) => gone.abort(new Error(`node ${args.join(" ")} ended: ${errors}`)));
  const jwks = await waitForJwks(port, AbortSignal.any([gone.signal, AbortSignal.timeout(limitMs)]), path);
  return { elapsedMs: performance.now() - startedAt, jwks, stop: server.stop };
}
