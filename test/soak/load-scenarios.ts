/** Nothing goes wrong, but there is much of it. */
import { randomBytes } from "node:crypto";
import { startRestartableServer } from "./restartable-server.ts";
import { rounds, type Scenario } from "./scenario.ts";
import { openScene, patient } from "./scene.ts";

const maxBodyBytes = 1024 * 1024;

export const loadScenarios: readonly Scenario[] = [
  {
    happens: "500 senders at once",
    youSee: "nothing",
    bounds: { says: [], retries: 0 },
    short: { times: 1, webhooks: 500 },
    long: { times: 3, webhooks: 1_500 },
    limitMs: 120_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url, sender: patient });
      for (const count of rounds(size)) await scene.sender.sendAll(count, count);
      return await scene.facts();
    },
  },
  {
    happens: "random bodies of 1 byte to 1 MiB (`--allow-unverified`)",
    youSee: "nothing; each reaches the app to the byte",
    bounds: { says: [], retries: 0 },
    short: { times: 1, webhooks: 100 },
    long: { times: 1, webhooks: 10_000 },
    limitMs: 400_000,
    run: async ({ webhooks }) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({
        host: server.url,
        args: ["--allow-unverified"],
        sender: { ...patient, createBody: createRandomBody },
      });
      await scene.sender.sendAll(webhooks, 8);
      return await scene.facts();
    },
  },
];

/** As many small ones as large ones, on a scale of powers. */
function createRandomBody(): Buffer {
  return randomBytes(
    Math.min(Math.floor(Math.exp(Math.random() * Math.log(maxBodyBytes + 1))), maxBodyBytes),
  );
}
