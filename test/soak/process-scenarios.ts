/** The process of `tunnel` itself is frozen, as by a laptop that sleeps, or killed. */
import { setTimeout as wait } from "node:timers/promises";
import { startNetwork } from "./network.ts";
import { startRestartableServer } from "./restartable-server.ts";
import { rounds, type Facts, type Scenario, type Size } from "./scenario.ts";
import { openScene } from "./scene.ts";

export const processScenarios: readonly Scenario[] = [
  {
    happens: "your machine sleeps, and the connections are cut meanwhile",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], backWithinMs: 6_000 },
    short: { times: 1, webhooks: 20, lastsMs: 1_500 },
    long: { times: 5, webhooks: 200, lastsMs: 6_000 },
    isPatient: true,
    limitMs: 240_000,
    run: (size) => asleep(size, "cut"),
  },
  {
    happens: "your machine sleeps, and the connections carry nothing when it wakes",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], backWithinMs: 15_000 },
    long: { times: 3, webhooks: 90, lastsMs: 8_000 },
    isPatient: true,
    limitMs: 300_000,
    run: (size) => asleep(size, "swallow"),
  },
  {
    happens: "`tunnel` is killed (SIGKILL) and started again",
    youSee: "the same URL",
    bounds: { says: [] },
    short: { times: 2, webhooks: 40 },
    long: { times: 20, webhooks: 500 },
    limitMs: 180_000,
    run: (size) => killed(size, []),
  },
  {
    happens: "`tunnel --shield` is killed (SIGKILL) while webhooks come, and started again",
    youSee: "the same URL",
    bounds: { says: [], isAtLeastOnce: true },
    short: { times: 2, webhooks: 40 },
    long: { times: 20, webhooks: 500 },
    limitMs: 180_000,
    run: (size) => killed(size, ["--shield", "--retry-schedule", "200ms,200ms,1s,1s,5s"]),
  },
];

async function asleep(size: Size, what: "cut" | "swallow"): Promise<Facts> {
  await using server = await startRestartableServer();
  await using network = await startNetwork(server.port);
  await using scene = await openScene({ host: network.url });
  for (const count of rounds(size)) {
    scene.sender.send(count, 1_000);
    scene.tunnel.signal("SIGSTOP");
    network[what]();
    await wait(size.lastsMs);
    scene.tunnel.signal("SIGCONT");
    await scene.untilBack();
    await scene.sender.settled();
  }
  return await scene.facts();
}

async function killed(size: Size, args: readonly string[]): Promise<Facts> {
  await using server = await startRestartableServer();
  await using scene = await openScene({ host: server.url, args });
  for (const count of rounds(size)) {
    scene.sender.send(count, 500);
    // In the midst of them, at no moment in particular.
    await wait(Math.random() * 500);
    await scene.restart();
  }
  return await scene.facts();
}
