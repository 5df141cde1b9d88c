import { fileURLToPath } from "node:url";
import { startNode } from "../helpers/processes.mjs";
import { startApp } from "./relay-servers.mjs";
import { compare, typical } from "./rounds.mjs";

const loadScript = fileURLToPath(new URL("deliveries-load.mjs", import.meta.url));
const refusedScript = fileURLToPath(new URL("deliveries-refused.mjs", import.meta.url));
const webhookCount = 10;
const pendingCount = 10_000;
const refusedRounds = 3;
const goalMb = 200;

/** What a mock in process delivers, and what memory it takes: each in a process of its own, the app in another. */
export async function measureDeliveries(project, eventCount) {
  return [...(await measureLoad(project, eventCount)), ...(await measureRefused(project))];
}

async function measureLoad(project, eventCount) {
  const app = await startApp(project);
  const { rounds, rssMb, mostMb } = await run(project, loadScript, eventCount, webhookCount, app.port);
  await app.stop();
  const perSecond = typical(rounds, "mock");
  const half = rssMb.length / 2 - 1;
  const later = rssMb.slice(half).map((mb) => ({ mb, half: rssMb[half] }));
  const what = `${format(eventCount)} events to ${webhookCount} webhooks in process`;
  return [
    {
      what: `${what}: deliveries/s (${format(perSecond)}/s, ${format(perSecond / webhookCount)} events/s)`,
      yardstick: `a bare POST of the same bytes, unsigned (${format(typical(rounds, "bare"))}/s)`,
      ratio: compare(rounds, "mock", "bare"),
    },
    {
      what: `${what}: RSS (at 10, 50, 100 %: ${rssMb[0]}, ${rssMb[half]}, ${rssMb.at(-1)} MB; most ${mostMb} MB)`,
      yardstick: "itself at 50 %",
      ratio: compare(later, "mb", "half"),
      typicalMb: mostMb,
      atMostMb: goalMb,
    },
  ];
}

/** An app that refuses: everything is pending, and falls due at one moment. */
async function measureRefused(project) {
  const rounds = [];
  for (let round = 0; round < refusedRounds; round++) {
    // Refused twice, taken the third time.
    const app = await startApp(project, 2 * pendingCount);
    const eventCount = pendingCount / webhookCount;
    rounds.push(await run(project, refusedScript, eventCount, webhookCount, app.port));
    await app.stop();
  }
  const mostMb = Math.max(...rounds.map((figures) => figures.mostMb));
  return [
    {
      what: `${format(pendingCount)} pending deliveries, advanced twice: RSS (most ${mostMb} MB)`,
      yardstick: `itself before (${typical(rounds, "pendingMb").toFixed(0)} MB)`,
      ratio: compare(rounds, "mostMb", "pendingMb"),
      typicalMb: mostMb,
      atMostMb: goalMb,
    },
  ];
}

async function run(project, script, ...args) {
  const { code, lines, errors } = await startNode([script, ...args].map(String), {
    cwd: project.directory,
    env: project.environment,
  }).ended;
  if (code !== 0) throw new Error(`node ${script} ${args.join(" ")} exited with ${code}: ${errors}`);
  return JSON.parse(lines[0]);
}

function format(count) {
  return Math.round(count).toLocaleString("en");
}
