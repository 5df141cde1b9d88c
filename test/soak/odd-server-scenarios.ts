/** A tunnel server that does what a real one will not do on demand. */
import {
  startFakeLocaltunnelServer,
  type FakeLocaltunnelServer,
  type RegistrationMode,
} from "../helpers/fake-localtunnel-server.ts";
import { rounds, type Facts, type Scenario, type Size } from "./scenario.ts";
import { openScene, type Scene } from "./scene.ts";

const answers: readonly (readonly [what: string, mode: RegistrationMode])[] = [
  ["answers 429", "too-many"],
  ["answers 503", "error"],
  ["answers a web page", "html"],
  ["refuses the name", "forbidden"],
  ["grants another name", "taken"],
];

export const oddServerScenarios: readonly Scenario[] = [
  ...answers.map(([what, mode]): Scenario => ({
    happens: `the tunnel server ends the tunnel and ${what} for a while`,
    youSee: `\`down\`, ${mode === "taken" ? "again with cause `name taken`" : "`reconnecting`"}, then \`up\``,
    bounds: { says: ["down", "up"], noticedWithinMs: 2_000, backWithinMs: 6_000 },
    short: { times: 1, webhooks: 10 },
    long: { times: 5, webhooks: 50 },
    limitMs: 120_000,
    run: (size) =>
      onFakeServer(size, async (server, scene) => {
        const from = scene.tunnel.changes.length;
        server.answerWith(mode);
        await scene.untilNoticed(() => endTunnel(server));
        await scene.tunnel.change(from, ({ state, cause }) =>
          mode === "taken" ? cause === "name taken" : state === "reconnecting",
        );
        server.answerWith("tunnel");
        await scene.untilBack();
      }),
  })),
  {
    happens: "the tunnel server ends the tunnel and does not answer for a while",
    youSee: "`down`, `reconnecting`, then `up`",
    // An answer is waited for for 10 s.
    bounds: { says: ["down", "reconnecting", "up"], noticedWithinMs: 2_000, backWithinMs: 12_000 },
    long: { times: 2, webhooks: 20 },
    isPatient: true,
    limitMs: 180_000,
    run: (size) =>
      onFakeServer(size, async (server, scene) => {
        const from = scene.tunnel.changes.length;
        server.answerWith("never");
        await scene.untilNoticed(() => endTunnel(server));
        await scene.tunnel.change(from, ({ state }) => state === "reconnecting");
        server.answerWith("tunnel");
        await scene.untilBack();
      }),
  },
  {
    happens: "the tunnel server falls silent, its connections open",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 30_000, backWithinMs: 6_000 },
    long: { times: 2, webhooks: 20 },
    isPatient: true,
    limitMs: 240_000,
    run: (size) =>
      onFakeServer(size, async (server, scene) => {
        await scene.untilNoticed(server.goSilent);
        await scene.untilBack();
      }),
  },
  {
    happens: "the tunnel server forgets the name, its connections open",
    youSee: "`down`, then `up`",
    bounds: { says: ["down", "up"], noticedWithinMs: 30_000, backWithinMs: 6_000 },
    long: { times: 2, webhooks: 20 },
    isPatient: true,
    limitMs: 240_000,
    run: (size) =>
      onFakeServer(size, async (server, scene) => {
        const [name = ""] = new URL(scene.tunnel.publicUrl).hostname.split(".");
        await scene.untilNoticed(() => server.forget(name));
        await scene.untilBack();
      }),
  },
];

async function onFakeServer(
  size: Size,
  goWrong: (server: FakeLocaltunnelServer, scene: Scene) => Promise<void>,
): Promise<Facts> {
  await using server = await startFakeLocaltunnelServer();
  await using scene = await openScene({ host: server.url });
  for (const count of rounds(size)) {
    scene.sender.send(count, 500);
    await goWrong(server, scene);
    await scene.sender.settled();
  }
  return await scene.facts();
}

function endTunnel(server: FakeLocaltunnelServer): void {
  server.refuse();
  server.dropAll();
}
