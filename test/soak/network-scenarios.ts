/** The network between `tunnel` and the tunnel server is cut, slow, away, or forgets connections. */
import { setTimeout as wait } from "node:timers/promises";
import { startNetwork, type Network } from "./network.ts";
import { startRestartableServer } from "./restartable-server.ts";
import { rounds, type Facts, type Scenario, type Size } from "./scenario.ts";
import { openScene, patient, type Scene } from "./scene.ts";

export const networkScenarios: readonly Scenario[] = [
  {
    happens: "all connections of the tunnel are cut",
    youSee: "nothing; when it happens again at once, `down`, then `up`",
    // Connections that were cut twice, unused between, are opened again after a pause: none may be left.
    bounds: { backWithinMs: 2_000 },
    short: { times: 3, webhooks: 60 },
    long: { times: 20, webhooks: 1_000 },
    limitMs: 120_000,
    run: (size) =>
      onNetwork(size, async (network, scene) => {
        network.cut();
        await scene.untilBack();
      }),
  },
  {
    happens: "your network is away for a while",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 2_000, backWithinMs: 6_000 },
    short: { times: 1, webhooks: 20, lastsMs: 1_000 },
    long: { times: 5, webhooks: 300, lastsMs: 5_000 },
    isPatient: true,
    limitMs: 120_000,
    run: (size) =>
      onNetwork(size, async (network, scene) => {
        await scene.untilNoticed(network.goAway);
        await wait(size.lastsMs);
        network.comeBack();
        await scene.untilBack();
      }),
  },
  {
    happens: "the tunnel's connections look open and carry nothing (half-open)",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 30_000, backWithinMs: 6_000 },
    long: { times: 3, webhooks: 150 },
    isPatient: true,
    limitMs: 300_000,
    run: (size) =>
      onNetwork(size, async (network, scene) => {
        await scene.untilNoticed(() => network.swallow());
        await scene.untilBack();
      }),
  },
  {
    happens: "the same, and the tunnel server keeps the name for 10 s because it has not noticed",
    youSee: "`down` with cause `name taken`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 30_000, backWithinMs: 12_000 },
    long: { times: 2, webhooks: 100 },
    isPatient: true,
    limitMs: 240_000,
    run: (size) =>
      onNetwork(size, async (network, scene) => {
        const from = scene.tunnel.changes.length;
        await scene.untilNoticed(() => network.swallow(10_000));
        await scene.tunnel.change(from, ({ cause }) => cause === "name taken");
        await scene.untilBack();
      }),
  },
  {
    happens: "the network is slow: 40 ms each way",
    youSee: "nothing",
    bounds: { says: [], retries: 0 },
    short: { times: 1, webhooks: 20, lastsMs: 40 },
    long: { times: 1, webhooks: 100, lastsMs: 40 },
    limitMs: 60_000,
    run: async ({ webhooks, lastsMs }) => {
      await using server = await startRestartableServer();
      await using network = await startNetwork(server.port);
      await using scene = await openScene({ host: network.url, sender: patient });
      network.delay(lastsMs ?? 0);
      // One after the other: each comes on a connection that was used just before.
      await scene.sender.sendAll(webhooks, 1);
      return await scene.facts();
    },
  },
];

/** Makes it go wrong so often, while webhooks are sent. */
async function onNetwork(
  size: Size,
  goWrong: (network: Network, scene: Scene) => Promise<void>,
): Promise<Facts> {
  await using server = await startRestartableServer();
  await using network = await startNetwork(server.port);
  await using scene = await openScene({ host: network.url });
  for (const count of rounds(size)) {
    scene.sender.send(count, 1_000);
    await goWrong(network, scene);
    // Else the last of its attempts would meet the next time that it goes wrong.
    await scene.sender.settled();
  }
  return await scene.facts();
}
