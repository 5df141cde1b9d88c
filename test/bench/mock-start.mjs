import { strictEqual } from "node:assert";
import { findFreePort } from "../helpers/processes.mjs";
import { startBareServer, startMock } from "./jwks-servers.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

/** From spawn to the first JWKS. */
export async function measureMockStart(project) {
  const port = await findFreePort();
  let jwks = "";
  const rounds = await runRounds(30, {
    mock: async () => {
      const mock = await startMock(project, port);
      await mock.stop();
      jwks = mock.jwks;
      return mock.elapsedMs;
    },
    bare: async () => {
      const bare = await startBareServer(project, port, jwks);
      await bare.stop();
      strictEqual(bare.jwks, jwks);
      return bare.elapsedMs;
    },
  });
  return [
    {
      what: "mock, from spawn to the first JWKS",
      yardstick: `a bare node:http server of the same bytes (${typical(rounds, "bare").toFixed(0)} ms)`,
      ratio: compare(rounds, "mock", "bare"),
      atMost: 1.6,
    },
  ];
}
