import { findFreePort } from "../helpers/processes.mjs";
import { jwksPath } from "./jwks-client.mjs";
import { startBareServer, startMock } from "./jwks-servers.mjs";
import { measureLoad } from "./kept-connections.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const request = `GET ${jwksPath} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const load = { connections: 10, total: 2_000, request };

/** JWKS requests per second over kept connections. */
export async function measureJwksRequests(project) {
  const [mockPort, barePort] = [await findFreePort(), await findFreePort()];
  const mock = await startMock(project, mockPort);
  const bare = await startBareServer(project, barePort, mock.jwks);
  const rounds = await runRounds(50, {
    mock: () => measureLoad(mockPort, load),
    bare: () => measureLoad(barePort, load),
  });
  await mock.stop();
  await bare.stop();
  return [
    {
      what: `JWKS requests/s of mock, ${load.connections} connections`,
      yardstick: `a bare node:http server of the same bytes (${typical(rounds, "bare").toFixed(0)}/s)`,
      ratio: compare(rounds, "mock", "bare"),
      atLeast: 0.6,
    },
  ];
}
