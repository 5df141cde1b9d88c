import { findFreePort } from "../helpers/processes.mjs";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startBareServer } from "./jwks-servers.mjs";
import { createSender } from "./relay-load.mjs";
import { runRoundsBothWays } from "./relay-rounds.mjs";
import { startApp, startPlainClient, startTunnelOn, startYardstick } from "./relay-servers.mjs";
import { createTokens } from "./relay-tokens.mjs";
import { compare, typical } from "./rounds.mjs";

const subdomains = { tunnel: "benchdevhook1", plain: "benchplain1", leastProxy: "benchplain2" };
const warmUp = { connections: 1, total: 2_000 };
const single = { connections: 1, total: 150 };
const several = { connections: 10, total: 300 };

/**
 * What a webhook pays for `tunnel` where the plain client of localtunnel, which verifies nothing, would do: its time,
 * and how many there are in a second.
 * @param start our side; the bench of the bench puts a second plain client here
 */
export async function measureRelayThroughLocaltunnel(project, start = startTunnelOn, roundCount = 40) {
  const perRound = single.total + several.total;
  const { tokens, jwks } = await createTokens(warmUp.total + (roundCount + 2) * perRound);
  const issuerPort = await findFreePort();
  const issuer = await startBareServer(project, issuerPort, jwks);
  const app = await startApp(project);
  const server = await startLocaltunnelServer();
  const plain = await startPlainClient(project, app.port, server.url, subdomains.plain);
  const leastProxy = await startYardstick(project, app.port);
  const plainBefore = await startPlainClient(project, leastProxy.port, server.url, subdomains.leastProxy);
  const tunnel = await start(project, app.port, server.url, subdomains.tunnel, issuerPort);
  const send = {};
  for (const [name, subdomain] of Object.entries(subdomains)) {
    send[name] = createSender({ port: server.port, host: `${subdomain}.localhost` }, tokens);
  }

  for (const sendSome of Object.values(send)) await sendSome(warmUp);
  const rounds = await runRoundsBothWays(roundCount, {
    tunnel: async () => (await send.tunnel(single)).p50Ms,
    plain: async () => (await send.plain(single)).p50Ms,
    leastProxy: async () => (await send.leastProxy(single)).p50Ms,
  });
  const loaded = await runRoundsBothWays(roundCount, {
    tunnel: async () => (await send.tunnel(several)).perSecond,
    plain: async () => (await send.plain(several)).perSecond,
    leastProxy: async () => (await send.leastProxy(several)).perSecond,
  });
  for (const part of [tunnel, plainBefore, leastProxy, plain, server, app, issuer]) await part.stop();

  const inMs = (name) => `${typical(rounds, name).toFixed(2)} ms`;
  const perSecond = (name) => `${typical(loaded, name).toFixed(0)}/s`;
  return [
    ...figuresOf("p50, 1 connection", rounds, inMs, { atMost: 1.15 }),
    ...figuresOf(`requests/s, ${several.connections} connections`, loaded, perSecond, { atLeast: 0.8 }),
  ];
}

/** Beside the plain client, and beside the plain client that has the least proxy behind it. */
function figuresOf(what, rounds, describe, goal) {
  const yardstick = `the plain localtunnel client (${describe("plain")})`;
  return [
    {
      what: `tunnel through localtunnel, ${what}`,
      yardstick,
      ratio: compare(rounds, "tunnel", "plain"),
      ...goal,
    },
    {
      what: "the plain client before the least proxy, beside it",
      yardstick,
      ratio: compare(rounds, "leastProxy", "plain"),
    },
    {
      what: `tunnel through localtunnel, ${what}, beside that`,
      yardstick: `the plain client before the least proxy (${describe("leastProxy")})`,
      ratio: compare(rounds, "tunnel", "leastProxy"),
    },
  ];
}
