/** The app under development is down, starts again, is slow, hangs, or listens where one does not look. */
import { setTimeout as wait } from "node:timers/promises";
import type { RecordingAppOptions } from "./recording-app.ts";
import { startRestartableServer } from "./restartable-server.ts";
import { rounds, type Bounds, type Facts, type Scenario, type Size } from "./scenario.ts";
import { openScene, patient, type Scene, type SceneOptions } from "./scene.ts";
import type { Sender } from "./sender.ts";

/** Apps that are up, and odd. */
const oddApps: readonly (readonly [
  happens: string,
  youSee: string,
  options: Omit<SceneOptions, "host">,
  bounds: Bounds,
])[] = [
  [
    "your app is slow",
    "nothing",
    {
      app: {
        answer: async () => {
          await wait(400);
          return 200;
        },
      },
    },
    { says: [], retries: 0 },
  ],
  [
    "your app hangs",
    "504",
    { app: atFirst("hang"), args: ["--timeout", "300ms"] },
    { says: [], answers: [504] },
  ],
  [
    "your app closes the connection without an answer",
    "502",
    { app: atFirst("close") },
    { says: [], answers: [502] },
  ],
  ["your app answers 500", "500", { app: atFirst(500) }, { says: [], answers: [500] }],
  [
    "your app listens on ::1 only",
    "nothing",
    { app: { host: "::1" }, forward: (port) => `http://localhost:${port}` },
    { says: [], retries: 0 },
  ],
  [
    "your app listens on 127.0.0.1 only",
    "nothing",
    { app: { host: "127.0.0.1" }, forward: (port) => `http://localhost:${port}` },
    { says: [], retries: 0 },
  ],
  [
    "your app is on https with a certificate of its own making (`--insecure`)",
    "nothing",
    {
      app: { isSelfSigned: true },
      forward: (port) => `https://localhost:${port}`,
      args: ["--insecure"],
    },
    { says: [], retries: 0 },
  ],
];

export const appScenarios: readonly Scenario[] = [
  {
    happens: "your app starts again while webhooks come",
    youSee: "they are held until it listens",
    bounds: { says: [], retries: 0 },
    short: { times: 1, webhooks: 20, lastsMs: 500 },
    long: { times: 20, webhooks: 400, lastsMs: 1_000 },
    limitMs: 120_000,
    run: (size) =>
      whileSending(size, { sender: patient }, async ({ app, sender }, count) => {
        await app.stop();
        sender.send(count, size.lastsMs ?? 0);
        await wait(size.lastsMs);
        await app.start();
        // The next restart cuts nobody off.
        await sender.settled();
      }),
  },
  {
    happens: "your app is down for longer than a webhook is held",
    youSee: "502",
    bounds: { says: [], answers: [502] },
    short: { times: 1, webhooks: 20, lastsMs: 1_000 },
    long: { times: 3, webhooks: 60, lastsMs: 3_000 },
    limitMs: 120_000,
    run: (size) =>
      whileSending(size, { args: ["--hold", "300ms"] }, async ({ app, sender }, count) => {
        await app.stop();
        const from = sender.webhooks.length;
        sender.send(count, 100);
        await wait(size.lastsMs);
        // However busy the machine: it is away until somebody was told so.
        while (!hasAnswer(sender, from, 502)) await wait(25);
        await app.start();
        await sender.settled();
      }),
  },
  ...oddApps.map(([happens, youSee, options, bounds]): Scenario => ({
    happens,
    youSee,
    bounds,
    short: { times: 1, webhooks: 20 },
    long: { times: 1, webhooks: 100 },
    limitMs: 90_000,
    run: (size) =>
      whileSending(size, { ...options, sender: patient }, async ({ sender }, count) => {
        sender.send(count, 200);
        await sender.settled();
      }),
  })),
];

/** Odd at the first attempt of each webhook. */
function atFirst(odd: 500 | "hang" | "close"): RecordingAppOptions {
  return { answer: (attempt) => (attempt === 1 ? odd : 200) };
}

/** Whether one of the webhooks from an index on was answered so. */
function hasAnswer({ webhooks }: Sender, from: number, status: number): boolean {
  return webhooks.slice(from).some(({ attempts }) => attempts.some((attempt) => attempt.status === status));
}

async function whileSending(
  size: Size,
  options: Omit<SceneOptions, "host">,
  goWrong: (scene: Scene, count: number) => Promise<void>,
): Promise<Facts> {
  await using server = await startRestartableServer();
  await using scene = await openScene({ host: server.url, ...options });
  for (const count of rounds(size)) await goWrong(scene, count);
  return await scene.facts();
}
