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
const roundCount = 40;

/**
 * What a webhook pays for `tunnel` where the plain client of localtunnel, which verifies nothing, would do.
 * @param start our side; the bench of the bench puts a second plain client here
 */
export async function measureRelayThroughLocaltunnel(project, start = startTunnelOn) {
  const { tokens, jwks } = await createTokens(warmUp.total + (roundCount + 2) * single.total);
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
  for (const part of [tunnel, plainBefore, leastProxy, plain, server, app, issuer]) await part.stop();

  const yardstick = `the plain localtunnel client (${typical(rounds, "plain").toFixed(2)} ms)`;
  return [
    {
      what: "tunnel through localtunnel, p50, 1 connection",
      yardstick,
      ratio: compare(rounds, "tunnel", "plain"),
      atMost: 1.15,
    },
    {
      what: "the plain client before the least proxy, beside it",
      yardstick,
      ratio: compare(rounds, "leastProxy", "plain"),
    },
    {
      what: "tunnel through localtunnel, p50, beside that",
      yardstick: `the plain client before the least proxy (${typical(rounds, "leastProxy").toFixed(2)} ms)`,
      ratio: compare(rounds, "tunnel", "leastProxy"),
    },
  ];
}
