import { setTimeout as wait } from "node:timers/promises";
import { requestPublic, startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { findFreePort } from "../helpers/processes.mjs";
import { startBareServer } from "./jwks-servers.mjs";
import { startApp, startPlainClient, startTunnelOn } from "./relay-servers.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const subdomains = { tunnel: "benchdevhook2", plain: "benchplain3" };
const pollMs = 5;
const requestTimeoutMs = 250;
// A tunnel that goes within a second of its opening, again and again, is opened later and later.
const steadyMs = 1_500;

/**
 * How long a tunnel is gone after its server was killed and has come back. The plain client never returns; beside it
 * stands what somebody could do who looks on: start the plain client at the very moment.
 */
export async function measureTunnelRecovery(project, roundCount = 20) {
  const issuerPort = await findFreePort();
  // No token is verified here: what is no token is enough to see who answers.
  const issuer = await startBareServer(project, issuerPort, JSON.stringify({ keys: [] }));
  const app = await startApp(project);
  let server = await startLocaltunnelServer();
  const { url, port } = server;
  const tunnel = await startTunnelOn(project, app.port, url, subdomains.tunnel, issuerPort);
  const measureFromReturn = async (subdomain, status) => {
    const startedAt = performance.now();
    await waitUntilThrough(`http://${subdomain}.localhost:${port}/api/webhook`, status);
    return performance.now() - startedAt;
  };

  const rounds = await runRounds(roundCount, {
    tunnel: async () => {
      await wait(steadyMs);
      await server.kill();
      server = await startLocaltunnelServer({ port });
      return await measureFromReturn(subdomains.tunnel, 401);
    },
    plain: async () => {
      const [elapsedMs, client] = await Promise.all([
        measureFromReturn(subdomains.plain, 200),
        startPlainClient(project, app.port, url, subdomains.plain),
      ]);
      await client.stop();
      return elapsedMs;
    },
  });
  for (const part of [tunnel, server, app, issuer]) await part.stop();

  const typicalMs = typical(rounds, "tunnel");
  return [
    {
      what: `tunnel, back after its server is (${typicalMs.toFixed(0)} ms)`,
      yardstick: `the plain localtunnel client, started by hand at that moment (${typical(rounds, "plain").toFixed(0)} ms)`,
      ratio: compare(rounds, "tunnel", "plain"),
      typicalMs,
      atMostMs: 2_000,
    },
  ];
}

async function waitUntilThrough(url, status) {
  for (;;) {
    const options = { method: "POST", body: "no token", timeoutMs: requestTimeoutMs };
    const answer = await requestPublic(url, options).catch(() => undefined);
    if (answer?.status === status) return;
    await wait(pollMs);
  }
}
