import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSigningKey, exportPrivateJwk, startMockKinde } from "../../dist/index.js";
import { startNode } from "../helpers/processes.mjs";
import { startBareKinde } from "./bare-kinde.mjs";
import { startApp } from "./relay-servers.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const firstScript = fileURLToPath(new URL("library-first.mjs", import.meta.url));
const firstRounds = 20;
const laterRounds = 50;
const callsPerRound = 20;

/** The library in a test of its user: what starting it takes, and an event there and back, with a key at hand. */
export async function measureLibrary(project) {
  const app = await startApp(project);
  const to = `http://127.0.0.1:${app.port}/api/webhook`;
  const signingKey = await createSigningKey();
  const first = await measureFirst(project, signingKey, to);
  const later = await measureLater(signingKey, to);
  await app.stop();
  return [
    // Most of the first is Node's own: what it loads and compiles when something listens, and when something is asked for.
    ...describe("the first of a process", first, { start: { atMost: 1.5 }, emit: { atMost: 1.5 } }),
    ...describe("a later one", later, { start: { atMostMs: 5 }, emit: { atMostMs: 2 } }),
  ];
}

/** A process for each: its code is not compiled yet, as in a file of tests. */
async function measureFirst(project, signingKey, to) {
  const keyFile = join(project.directory, "signing-key.json");
  writeFileSync(keyFile, JSON.stringify(exportPrivateJwk(signingKey)));
  const run = async (subject) => {
    const args = [firstScript, subject, keyFile, to];
    const { code, lines, errors } = await startNode(args, {
      cwd: project.directory,
      env: project.environment,
    }).ended;
    if (code !== 0) throw new Error(`node ${args.join(" ")} exited with ${code}: ${errors}`);
    return JSON.parse(lines[0]);
  };
  const emits = {};
  const measure = (subject) => async () => {
    const { startMs, emitMs } = await run(subject);
    emits[subject] = emitMs;
    return startMs;
  };
  return await runRounds(firstRounds, {
    mockStart: measure("mock"),
    mockEmit: () => emits.mock,
    bareStart: measure("bare"),
    bareEmit: () => emits.bare,
  });
}

/** The median of several in a row, in this process. */
async function measureLater(signingKey, to) {
  const mock = await startMockKinde({ signingKey });
  const bare = await startBareKinde(signingKey);
  const rounds = await runRounds(laterRounds, {
    mockStart: () => timeStarts(() => startMockKinde({ signingKey })),
    bareStart: () => timeStarts(() => startBareKinde(signingKey)),
    mockEmit: () => timeEmits(mock, to),
    bareEmit: () => timeEmits(bare, to),
  });
  await mock.close();
  await bare.close();
  return rounds;
}

async function timeStarts(start) {
  const times = [];
  for (let call = 0; call < callsPerRound; call++) {
    const startedAt = performance.now();
    const kinde = await start();
    times.push(performance.now() - startedAt);
    await kinde.close();
  }
  return median(times);
}

async function timeEmits(kinde, to) {
  const times = [];
  for (let call = 0; call < callsPerRound; call++) {
    const emittedAt = performance.now();
    const { state } = await kinde.emit("user.created", { to });
    times.push(performance.now() - emittedAt);
    if (state !== "delivered") throw new Error(`the event was ${state}`);
  }
  return median(times);
}

function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

function describe(which, rounds, goals) {
  const figure = (what, yardstick, ours, bare, goal) => ({
    what: `${what}, ${which} (${typical(rounds, ours).toFixed(2)} ms)`,
    yardstick: `${yardstick} (${typical(rounds, bare).toFixed(2)} ms)`,
    ratio: compare(rounds, ours, bare),
    typicalMs: typical(rounds, ours),
    ...goal,
  });
  return [
    figure(
      "startMockKinde with a key",
      "two bare servers on one port",
      "mockStart",
      "bareStart",
      goals.start,
    ),
    figure("emit, there and back", "a bare POST of a signed event", "mockEmit", "bareEmit", goals.emit),
  ];
}
