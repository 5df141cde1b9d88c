/** A history among real processes: killed at any moment, several that write at once, and one that clears meanwhile. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { History } from "../../src/history/history.ts";
import type { Damage } from "../../src/history/damage.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { bundleScript, type BundledScript } from "../project/bundled.ts";
import { createTemporaryHistory } from "./temporary-history.ts";

const seed = 20_260_110;
const kills = 100;
const segmentBytes = 40_000;

let writing: BundledScript;
let goingOn: BundledScript;

beforeAll(async () => {
  // Appends one after the other, and says of each that it has: on stdout, which is a pipe, so that it waits for its reader.
  writing = await bundleScript(`
    import { mkdirSync, writeSync } from "node:fs";
    import { createFileHistory } from "./src/history/file-history.ts";
    const [directory, sample, name, count] = process.argv.slice(2);
    const history = createFileHistory({
      directory,
      ensureDirectory: () => mkdirSync(directory, { recursive: true }),
      now: Date.now,
      segmentBytes: ${segmentBytes},
      retainedBytes: Infinity,
    });
    const waiting = new Int32Array(new SharedArrayBuffer(4));
    const acknowledge = (id) => {
      try {
        writeSync(1, id + "\\n");
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(waiting, 0, 0, 1);
        acknowledge(id);
      }
    };
    for (let number = 0; number < Number(count); number++) {
      const id = name + "_" + number;
      // Lengths differ, so that the ends of files and lines do.
      const delivery = { ...JSON.parse(sample), id, endpoint: "x".repeat((number * 7919) % 3000) };
      await history.append(delivery);
      // Every other one has a newer state.
      if (number % 2 === 0) await history.append({ ...delivery, state: "delivered" });
      acknowledge(id);
      // Else thousands would be written before anybody has read of the first.
      if (number % 5 === 4) Atomics.wait(waiting, 0, 0, 1);
    }
    await history.close();
  `);
  // Appends without end, and says after each message what it has appended since.
  goingOn = await bundleScript(`
    import { mkdirSync } from "node:fs";
    import { setImmediate as turn } from "node:timers/promises";
    import { createFileHistory } from "./src/history/file-history.ts";
    const [directory, sample] = process.argv.slice(2);
    const history = createFileHistory({
      directory,
      ensureDirectory: () => mkdirSync(directory, { recursive: true }),
      now: Date.now,
    });
    let since;
    process.on("message", () => (since = []));
    for (let number = 0; ; number++) {
      const id = "dlv_" + number;
      await history.append({ ...JSON.parse(sample), id });
      if (number === 0) process.send("under way");
      if (since?.push(id) === 3) process.send(since);
      await turn();
    }
  `);
});

afterAll(() => {
  writing[Symbol.dispose]();
  goingOn[Symbol.dispose]();
});

test(`what was acknowledged is there after kill -9 at ${kills} moments`, { timeout: 180_000 }, async () => {
  await using temporary = createTemporaryHistory();
  const random = createRandom(seed);
  const damages: Damage[] = [];
  const history = temporary.open({ onDamaged: (damage) => void damages.push(damage) });
  const acknowledged: string[] = [];
  const names = Array.from({ length: kills }, (_, index) => `round${index}`);
  // Two at a time, so that the others write to the files into which one of them is killed.
  const lanes = [names.slice(0, kills / 2), names.slice(kills / 2)].map(async (lane) => {
    for (const name of lane) {
      const writer = startWriter(temporary.directory, name, 1_000_000);
      const wanted = 1 + Math.floor(random() * 60);
      for await (const id of writer.acknowledged) {
        acknowledged.push(id);
        if (Number(id.split("_")[1]) === wanted) writer.kill();
      }
    }
  });
  await Promise.all(lanes);
  expect(acknowledged.length).toBeGreaterThan(kills);
  const listed = new Map(
    (await history.list({ limit: Infinity })).map((delivery) => [delivery.id, delivery]),
  );
  expect(acknowledged.filter((id) => !listed.has(id))).toEqual([]);
  // In their last state, those of even numbers.
  const isLast = (id: string): boolean =>
    Number(id.split("_")[1]) % 2 === 1 || listed.get(id)?.state === "delivered";
  expect(acknowledged.filter((id) => !isLast(id))).toEqual([]);
  // Each kill leaves one line half written at most.
  expect(damages.reduce((count, damage) => count + damage.count, 0)).toBeLessThanOrEqual(kills);
});

test("two that write at once lose nothing, and who lists and follows meanwhile sees no damage", async () => {
  await using temporary = createTemporaryHistory();
  const damages: Damage[] = [];
  const history = temporary.open({ onDamaged: (damage) => void damages.push(damage) });
  const ended = new AbortController();
  const followed = countFollowed(history, ended.signal);
  const count = 600;
  const known = new Set<string>();
  const lanes = ["one", "other"].map(async (name) => {
    for await (const id of startWriter(temporary.directory, name, count).acknowledged) {
      known.add(id);
      if (known.size % 100 !== 0) continue;
      const before = [...known];
      const listed = new Set((await history.list({ limit: Infinity })).map((delivery) => delivery.id));
      expect(before.filter((each) => !listed.has(each))).toEqual([]);
    }
  });
  await Promise.all(lanes);
  expect(known.size).toBe(2 * count);
  const listed = await history.list({ limit: Infinity });
  expect(listed.map(({ id }) => id).toSorted()).toEqual([...known].toSorted());
  // Each has one state, and every other one a second.
  expect(await followed(3 * count)).toEqual(
    new Map(listed.map(({ id }) => [id, Number(id.split("_")[1]) % 2 === 0 ? 2 : 1])),
  );
  ended.abort();
  expect(damages).toEqual([]);
});

test("what is appended after a clearing is there, though its writer had a removed file open", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open();
  const { message, child } = goingOn.start(temporary.directory, JSON.stringify(sampleDelivery()));
  expect(await message()).toBe("under way");
  for (let round = 0; round < 50; round++) {
    await history.clear();
    const appended = message();
    child.send("cleared");
    const ids = (await appended) as readonly string[];
    const listed = new Set((await history.list({ limit: Infinity })).map(({ id }) => id));
    expect(ids.filter((id) => !listed.has(id))).toEqual([]);
  }
});

interface Writer {
  /** The ids, each once it is appended; until the process has ended. */
  readonly acknowledged: AsyncIterable<string>;
  kill(): void;
}

function startWriter(directory: string, name: string, count: number): Writer {
  const args = [writing.path, directory, JSON.stringify(sampleDelivery()), name, String(count)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  return {
    kill: () => void child.kill("SIGKILL"),
    acknowledged: (async function* () {
      let rest = "";
      for await (const text of child.stdout.setEncoding("utf8")) {
        // The last line may be half written too.
        const lines = (rest + String(text)).split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
      }
      await closed;
    })(),
  };
}

/** How often each was told. @returns a function that waits for so many */
function countFollowed(
  history: History,
  signal: AbortSignal,
): (total: number) => Promise<Map<string, number>> {
  const followed = history.follow(signal);
  return async (total) => {
    const counts = new Map<string, number>();
    let told = 0;
    for await (const { id } of followed) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (++told === total) break;
    }
    return counts;
  };
}

/** The same numbers for the same seed, from 0 to 1. */
function createRandom(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
