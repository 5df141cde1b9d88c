import { execFile } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createRecords } from "./history-records.mjs";
import { importSource } from "./import-source.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const least = 10_000;
const run = promisify(execFile);
const script = scriptPath("history-process.mjs");
const replayScript = scriptPath("history-replay-process.mjs");

/** The history on disk as it grows: each figure for more records against that for 10,000. */
export async function measureHistory(project, counts) {
  const { createFileHistory } = await importSource(project, "history/file-history.ts");
  await importSource(project, "history/find-for-replay.ts");
  const open = (directory) =>
    createFileHistory({
      directory,
      ensureDirectory: () => mkdirSync(directory, { recursive: true }),
      now: Date.now,
      retainedBytes: Infinity,
    });
  const figures = [await measureAppends(project, open)];
  const small = join(project.directory, `history-${least}`);
  await fill(open(small), least);
  for (const count of counts) {
    const large = join(project.directory, `history-${count}`);
    await fill(open(large), count);
    figures.push(...(await measureReads(project.directory, { small, large, count })));
    rmSync(large, { recursive: true });
  }
  rmSync(small, { recursive: true });
  return figures;
}

async function measureReads(modules, { small, large, count }) {
  const measure = async (directory, records) => {
    const figures = {
      ...(await runScript(script, [join(modules, "file-history.mjs"), directory])),
      ...(await runScript(replayScript, [modules, directory])),
    };
    const isRight = figures.newest === 100 && figures.failed >= records / 100 && figures.found === 0;
    if (!isRight) throw new Error(`something else was read: ${JSON.stringify(figures)}`);
    return { ...figures, perRecordUs: (figures.filterMs * 1000) / records };
  };
  const rounds = [];
  // Processes of their own: nothing is warm in any, as in a command.
  for (let round = 0; round < (count > 100_000 ? 3 : 7); round++) {
    const [few, many] = [await measure(small, least), await measure(large, count)];
    const named = (figures, prefix) =>
      Object.entries(figures).map(([name, value]) => [`${prefix} ${name}`, value]);
    rounds.push(Object.fromEntries([...named(few, "few"), ...named(many, "many")]));
  }
  const of = `history of ${count.toLocaleString("en")}`;
  const row = (what, name, unit, digits, goal) => ({
    what: `${of}: ${what} (${typical(rounds, `many ${name}`).toFixed(digits)} ${unit})`,
    yardstick: `of ${least.toLocaleString("en")} (${typical(rounds, `few ${name}`).toFixed(digits)} ${unit})`,
    ratio: compare(rounds, `many ${name}`, `few ${name}`),
    ...goal,
  });
  return [
    row("open, first append", "openMs", "ms", 1, {
      atMostMs: 200,
      typicalMs: typical(rounds, "many openMs"),
    }),
    row("newest 100", "newestMs", "ms", 1, { atMostMs: 20, typicalMs: typical(rounds, "many newestMs") }),
    // The first thousands are read before the code is compiled: of more the share is smaller.
    row("filter all, each", "perRecordUs", "µs", 2, { atMost: 1.1 }),
    row("RSS after that", "rssMb", "MB", 0, { atMostMb: 150, typicalMb: typical(rounds, "many rssMb") }),
    row("RSS after all was searched for a replay", "replayRssMb", "MB", 0, {
      atMostMb: 150,
      typicalMb: typical(rounds, "many replayRssMb"),
    }),
  ];
}

async function measureAppends(project, open) {
  const records = [...createRecords(5_000)];
  const lines = records.map((record) => `\n${JSON.stringify(record)}\n`);
  const bare = openSync(join(project.directory, "bare.ndjson"), "a");
  const history = open(join(project.directory, "history-appends"));
  const rounds = await runRounds(15, {
    ours: () =>
      perSecond(records.length, async () => {
        for (const record of records) await history.append(record);
      }),
    bare: () =>
      perSecond(lines.length, () => {
        for (const line of lines) writeSync(bare, line);
      }),
  });
  await history.close();
  closeSync(bare);
  rmSync(join(project.directory, "bare.ndjson"));
  rmSync(join(project.directory, "history-appends"), { recursive: true });
  return {
    what: `history: appends/s (${typical(rounds, "ours").toFixed(0)}/s)`,
    yardstick: `writeSync of the same bytes (${typical(rounds, "bare").toFixed(0)}/s)`,
    ratio: compare(rounds, "ours", "bare"),
  };
}

async function perSecond(count, work) {
  const begun = performance.now();
  await work();
  return (count * 1000) / (performance.now() - begun);
}

async function fill(history, count) {
  for (const record of createRecords(count)) await history.append(record);
  await history.close();
}

function scriptPath(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** In a process of its own: its figures. */
async function runScript(path, args) {
  const { stdout } = await run(process.execPath, [path, ...args]);
  return JSON.parse(stdout);
}
