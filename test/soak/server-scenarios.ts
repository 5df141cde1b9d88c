/** A real localtunnel server goes down, stands still, or gives the name to somebody else. */
import { setTimeout as wait } from "node:timers/promises";
import { startReceiver } from "../helpers/receiver.ts";
import { openTunnelClient } from "../helpers/tunnel-client.ts";
import { startNetwork } from "./network.ts";
import { startRestartableServer } from "./restartable-server.ts";
import { rounds, type Scenario } from "./scenario.ts";
import { openScene, patient } from "./scene.ts";

export const serverScenarios: readonly Scenario[] = [
  {
    happens: "the tunnel server is killed and started again",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 2_000, backWithinMs: 2_000 },
    short: { times: 2, webhooks: 40 },
    long: { times: 20, webhooks: 5_000 },
    limitMs: 240_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url });
      for (const count of rounds(size)) {
        scene.sender.send(count, 1_000);
        await scene.untilNoticed(server.kill);
        await server.start();
        await scene.untilBack();
        await scene.sender.settled();
      }
      return await scene.facts();
    },
  },
  {
    happens: "the tunnel server is away for a while",
    youSee: "`down`, `reconnecting`, then `up`",
    bounds: { says: ["down", "reconnecting", "up"], noticedWithinMs: 2_000, backWithinMs: 6_000 },
    short: { times: 1, webhooks: 20, lastsMs: 1_500 },
    long: { times: 2, webhooks: 200, lastsMs: 20_000 },
    isPatient: true,
    limitMs: 240_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url });
      for (const count of rounds(size)) {
        scene.sender.send(count, 1_000);
        await scene.untilNoticed(server.kill);
        await wait(size.lastsMs);
        await server.start();
        await scene.untilBack();
        // Else the last of its attempts would meet the next time that it goes wrong.
        await scene.sender.settled();
      }
      return await scene.facts();
    },
  },
  {
    happens: "the tunnel server stands still, its connections open (SIGSTOP)",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 30_000, backWithinMs: 6_000 },
    long: { times: 5, webhooks: 500 },
    isPatient: true,
    limitMs: 480_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url });
      for (const count of rounds(size)) {
        scene.sender.send(count, 1_000);
        await scene.untilNoticed(server.freeze);
        await server.thaw();
        await scene.untilBack();
        await scene.sender.settled();
      }
      return await scene.facts();
    },
  },
  {
    happens: "the tunnel server stands still for a moment",
    youSee: "nothing",
    bounds: { says: [], backWithinMs: 2_000 },
    short: { times: 2, webhooks: 40, lastsMs: 500 },
    long: { times: 10, webhooks: 400, lastsMs: 2_000 },
    limitMs: 120_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url });
      for (const count of rounds(size)) {
        scene.sender.send(count, 500);
        await server.freeze();
        await wait(size.lastsMs);
        await server.thaw();
        await scene.untilBack();
      }
      return await scene.facts();
    },
  },
  {
    happens: "somebody else takes the name while the tunnel server comes back, and lets it go later",
    youSee: "`down` with cause `name taken`, then `up`",
    // The server keeps a name for a second after the last connection under it.
    bounds: { says: ["down", "up"], backWithinMs: 8_000 },
    short: { times: 1, webhooks: 20, lastsMs: 0 },
    long: { times: 5, webhooks: 300, lastsMs: 3_000 },
    isPatient: true,
    limitMs: 480_000,
    run: async (size) => {
      await using server = await startRestartableServer();
      await using network = await startNetwork(server.port);
      await using scene = await openScene({ host: network.url });
      const { hostname } = new URL(scene.tunnel.publicUrl);
      const [name = ""] = hostname.split(".");
      // Not ours: what comes there is for its sender to send again.
      await using other = await startReceiver({ answers: [404] });
      for (const count of rounds(size)) {
        scene.sender.send(count, 1_000);
        const from = scene.tunnel.changes.length;
        await scene.untilNoticed(network.goAway);
        await server.kill();
        await server.start();
        const holder = await openTunnelClient(server.url, name, other.port);
        network.comeBack();
        await scene.tunnel.change(from, ({ cause }) => cause === "name taken");
        await wait(size.lastsMs);
        holder[Symbol.dispose]();
        await scene.untilBack();
        await scene.sender.settled();
      }
      return await scene.facts();
    },
  },
  {
    happens: "nothing comes for a long time, then webhooks come all at once",
    youSee: "nothing",
    bounds: { says: [], retries: 0 },
    short: { times: 1, webhooks: 20, lastsMs: 1_000 },
    long: { times: 1, webhooks: 20, lastsMs: 100_000 },
    isPatient: true,
    limitMs: 180_000,
    run: async ({ webhooks, lastsMs }) => {
      await using server = await startRestartableServer();
      await using scene = await openScene({ host: server.url, sender: patient });
      await wait(lastsMs);
      await scene.sender.sendAll(webhooks, webhooks);
      return await scene.facts();
    },
  },
];
