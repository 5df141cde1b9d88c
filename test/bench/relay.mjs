import { findFreePort } from "../helpers/processes.mjs";
import { startBareServer } from "./jwks-servers.mjs";
import { createSender } from "./relay-load.mjs";
import { runRoundsBothWays } from "./relay-rounds.mjs";
import { startApp, startRelay, startYardstick } from "./relay-servers.mjs";
import { createTokens } from "./relay-tokens.mjs";
import { compare, typical } from "./rounds.mjs";

// Compilers first: a relay that has run for a day is compiled, and so is the yardstick.
const warmUp = { connections: 10, total: 10_000 };
const single = { connections: 1, total: 250 };
const several = { connections: 10, total: 500 };
const roundCount = 40;

/**
 * What the relay costs, without a tunnel around it: the time it adds to a request, and its requests per second.
 * @param start the relay; the bench of the bench puts a second yardstick here
 */
export async function measureRelay(project, start = startRelay) {
  const tokenCount = warmUp.total + (roundCount + 2) * (single.total + several.total);
  const { tokens, jwks } = await createTokens(tokenCount);
  const issuerPort = await findFreePort();
  const issuer = await startBareServer(project, issuerPort, jwks);
  const app = await startApp(project);
  const yardstick = await startYardstick(project, app.port);
  const relay = await start(project, app.port, issuerPort);
  const send = {
    direct: createSender(app, tokens),
    relay: createSender(relay, tokens),
    yardstick: createSender(yardstick, tokens),
  };

  for (const sendSome of Object.values(send)) await sendSome(warmUp);
  const timed = await runRoundsBothWays(roundCount, {
    direct: async () => (await send.direct(single)).p50Ms,
    relay: async () => (await send.relay(single)).p50Ms,
    yardstick: async () => (await send.yardstick(single)).p50Ms,
  });
  const added = timed.map(({ direct, relay: through, yardstick: beside }) => ({
    relay: through - direct,
    yardstick: beside - direct,
  }));
  const loaded = await runRoundsBothWays(roundCount, {
    relay: async () => (await send.relay(several)).perSecond,
    yardstick: async () => (await send.yardstick(several)).perSecond,
  });
  for (const server of [relay, yardstick, app, issuer]) await server.stop();

  const what = "the least proxy that verifies and writes";
  return [
    {
      what: "relay, added p50, 1 connection",
      yardstick: `${what} (${typical(added, "yardstick").toFixed(2)} ms)`,
      ratio: compare(added, "relay", "yardstick"),
      atMost: 1.25,
    },
    {
      what: `relay, requests/s, ${several.connections} connections`,
      yardstick: `${what} (${typical(loaded, "yardstick").toFixed(0)}/s)`,
      ratio: compare(loaded, "relay", "yardstick"),
      atLeast: 0.8,
    },
  ];
}
