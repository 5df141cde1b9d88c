import { notStrictEqual, strictEqual } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSigningKey, exportPrivateJwk } from "../../dist/index.js";
import { findFreePort } from "../helpers/processes.mjs";
import { startBareServer, startMock, startOauthServer } from "./jwks-servers.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

/** From spawn to the first JWKS. The mock has a key of the project's, saved by the round that warms up. */
export async function measureMockStart(project) {
  const port = await findFreePort();
  const savedKey = join(project.directory, "oauth-key.json");
  writeFileSync(savedKey, JSON.stringify({ ...exportPrivateJwk(await createSigningKey()), alg: "RS256" }));
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
    oauth: () => timeOauthServer(project, port),
    oauthWithKey: () => timeOauthServer(project, port, ["--jwk", savedKey]),
  });
  const against = (name, yardstick, goal) => ({
    what: "mock, from spawn to the first JWKS",
    yardstick: `${yardstick} (${typical(rounds, name).toFixed(0)} ms)`,
    ratio: compare(rounds, "mock", name),
    ...goal,
  });
  return [
    against("bare", "a bare node:http server of the same bytes", { atMost: 1.6 }),
    against("oauth", "oauth2-mock-server 8.2.3, which makes its key", { atMost: 0.4 }),
    against("oauthWithKey", "the same, given a key"),
  ];
}

async function timeOauthServer(project, port, args) {
  const server = await startOauthServer(project, port, args);
  await server.stop();
  notStrictEqual(JSON.parse(server.jwks).keys.length, 0);
  return server.elapsedMs;
}
