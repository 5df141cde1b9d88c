/** A history followed while other processes write to it, begin new files, clear it, or are killed. */
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Damage } from "../../src/history/damage.ts";
import type { History } from "../../src/history/history.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory, noon, type TemporaryHistory } from "./temporary-history.ts";

const today = "2026-01-10.0001.ndjson";
const dayMs = 24 * 60 * 60 * 1000;

test("what another process appends is told, before the directory exists and after", async () => {
  await using temporary = createTemporaryHistory();
  using followed = follow(temporary.open());
  expect(existsSync(temporary.directory)).toBe(false);
  const other = temporary.open();
  for (const id of ["a", "b"]) await other.append(sampleDelivery({ id }));
  expect(await followed.take(2)).toEqual(["a", "b"]);
  await temporary.open().append(sampleDelivery({ id: "c" }));
  expect(await followed.take(1)).toEqual(["c"]);
});

test("of a history with many files only what is new is told", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open({ segmentBytes: 1 });
  for (let index = 0; index < 12; index++) await history.append(sampleDelivery({ id: `old ${index}` }));
  using followed = follow(temporary.open());
  for (let index = 0; index < 12; index++) await history.append(sampleDelivery({ id: `new ${index}` }));
  expect(await followed.take(12)).toEqual(Array.from({ length: 12 }, (_, index) => `new ${index}`));
  // Those that were read to their end meanwhile as well.
  await history.append(sampleDelivery({ id: "last" }));
  expect(await followed.take(1)).toEqual(["last"]);
});

test("a new day ends nothing", async () => {
  await using temporary = createTemporaryHistory();
  let now = noon;
  const history = temporary.open({ now: () => now });
  await history.append(sampleDelivery({ id: "before" }));
  using followed = follow(history);
  await history.append(sampleDelivery({ id: "today" }));
  expect(await followed.take(1)).toEqual(["today"]);
  now += dayMs;
  await history.append(sampleDelivery({ id: "tomorrow" }));
  expect(await followed.take(1)).toEqual(["tomorrow"]);
  // A week later the first days are dropped.
  now += 7 * dayMs;
  await history.append(sampleDelivery({ id: "a week later" }));
  expect(await followed.take(1)).toEqual(["a week later"]);
  expect(followed.clearings()).toEqual([]);
  expect(readdirSync(temporary.directory)).toHaveLength(2);
});

describe("after another process has cleared the history", () => {
  test.each([1, 2, 7])("all that comes is told, of %i files that get the old ones' names", async (count) => {
    await using temporary = createTemporaryHistory();
    const writer = temporary.open({ segmentBytes: 1 });
    for (let index = 0; index < 6; index++) await writer.append(sampleDelivery({ id: `old ${index}` }));
    using followed = follow(writer);
    await writer.append(sampleDelivery({ id: "before" }));
    expect(await followed.take(1)).toEqual(["before"]);
    await temporary.open().clear();
    const ids = Array.from({ length: count }, (_, index) => `after that ${index}`);
    for (const id of ids) await writer.append(sampleDelivery({ id }));
    expect(await followed.take(count)).toEqual(ids);
    expect(followed.clearings()).toEqual(["before"]);
  });

  test("that is told once, while nothing comes", async () => {
    await using temporary = createTemporaryHistory();
    const writer = temporary.open({ segmentBytes: 1 });
    for (let index = 0; index < 6; index++) await writer.append(sampleDelivery({ id: `old ${index}` }));
    using followed = follow(writer);
    const next = followed.take(1);
    await temporary.open().clear();
    await expect.poll(() => followed.clearings()).toHaveLength(1);
    await writer.append(sampleDelivery({ id: "new" }));
    expect(await next).toEqual(["new"]);
    expect(followed.clearings()).toHaveLength(1);
  });

  test("or removed its directory, all that comes is told", async () => {
    await using temporary = createTemporaryHistory();
    const writer = temporary.open();
    await writer.append(sampleDelivery({ id: "old" }));
    using followed = follow(writer);
    rmSync(temporary.directory, { recursive: true });
    await writer.append(sampleDelivery({ id: "new" }));
    expect(await followed.take(1)).toEqual(["new"]);
    expect(followed.clearings()).toHaveLength(1);
  });
});

test("a line that is being written is told once it is whole; one that never is, is damage", async () => {
  await using temporary = createTemporaryHistory();
  const told: Damage[] = [];
  const history = temporary.open({ onDamaged: (damage) => void told.push(damage) });
  await history.append(sampleDelivery({ id: "a" }));
  const path = join(temporary.directory, today);
  const line = (id: string): string => JSON.stringify(sampleDelivery({ id, endpoint: "é€😀" }));
  // The end of this one was appended before anybody followed, as far as can be told.
  appendFileSync(path, line("half").slice(0, 90));
  using followed = follow(history);
  appendFileSync(path, `${line("half").slice(90)}\n\n${line("b")}\n\n${line("torn").slice(0, 90)}`);
  expect(await followed.take(1)).toEqual(["b"]);
  await temporary.open().append(sampleDelivery({ id: "c" }));
  expect(await followed.take(1)).toEqual(["c"]);
  appendFileSync(path, `\n${line("d").slice(0, -50)}`);
  appendFileSync(path, `${line("d").slice(-50)}\n`);
  expect(await followed.take(1)).toEqual(["d"]);
  expect(told).toEqual([{ file: path, reason: "damaged", lines: [7], count: 1 }]);
});

test("a directory that can't be read is ERR_HISTORY_UNREADABLE", async () => {
  await using temporary = createTemporaryHistory();
  writeFileSync(temporary.directory, "a file where a directory should be");
  const { signal } = new AbortController();
  expect(() => temporary.open().follow(signal)).toThrow(
    expect.objectContaining({ code: "ERR_HISTORY_UNREADABLE" }),
  );
});

// An open file's directory can't be moved on Windows.
describe.skipIf(process.platform === "win32")("what can't be read for a while", () => {
  const aside = (temporary: TemporaryHistory): string => `${temporary.directory}-aside`;

  test("is told once it can be, each once and in its order", async () => {
    await using temporary = createTemporaryHistory();
    const failures: Error[] = [];
    const writer = temporary.open({ segmentBytes: 1 });
    for (let index = 0; index < 6; index++) await writer.append(sampleDelivery({ id: `old ${index}` }));
    using followed = follow(temporary.open({ onUnreadable: (error) => void failures.push(error) }));
    const next = followed.take(6);
    renameSync(temporary.directory, aside(temporary));
    writeFileSync(temporary.directory, "a file where a directory should be");
    await expect.poll(() => failures[0]).toMatchObject({ code: "ERR_HISTORY_UNREADABLE" });
    const meanwhile = temporary.open({
      directory: aside(temporary),
      ensureDirectory: () => {},
      segmentBytes: 1,
    });
    for (const id of ["a", "b", "c", "d", "e"]) await meanwhile.append(sampleDelivery({ id }));
    rmSync(temporary.directory);
    renameSync(aside(temporary), temporary.directory);
    await writer.append(sampleDelivery({ id: "f" }));
    expect(await next).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(followed.clearings()).toEqual([]);
  });

  test("keeps nothing back that was written before it", async () => {
    await using temporary = createTemporaryHistory();
    const failures: Error[] = [];
    const writer = temporary.open();
    await writer.append(sampleDelivery({ id: "old" }));
    using followed = follow(temporary.open({ onUnreadable: (error) => void failures.push(error) }));
    const path = join(temporary.directory, "2026-01-10.0002.ndjson");
    symlinkSync(path, path);
    const line = (id: string): string => `${JSON.stringify(sampleDelivery({ id }))}\n`;
    writeFileSync(join(temporary.directory, "2026-01-10.0003.ndjson"), line("third"));
    appendFileSync(join(temporary.directory, today), line("first"));
    expect(await followed.take(1)).toEqual(["first"]);
    const next = followed.take(2);
    await expect.poll(() => failures[0]).toMatchObject({ code: "ERR_HISTORY_UNREADABLE" });
    writeFileSync(aside(temporary), line("second"));
    renameSync(aside(temporary), path);
    expect(await next).toEqual(["second", "third"]);
  });

  test("and was cleared meanwhile is told as cleared, once, and then what came after", async () => {
    await using temporary = createTemporaryHistory();
    const failures: Error[] = [];
    const writer = temporary.open({ segmentBytes: 1 });
    for (let index = 0; index < 6; index++) await writer.append(sampleDelivery({ id: `old ${index}` }));
    using followed = follow(temporary.open({ onUnreadable: (error) => void failures.push(error) }));
    const next = followed.take(7);
    await writer.close();
    rmSync(temporary.directory, { recursive: true });
    writeFileSync(temporary.directory, "a file where a directory should be");
    await expect.poll(() => failures[0]).toMatchObject({ code: "ERR_HISTORY_UNREADABLE" });
    rmSync(temporary.directory);
    const ids = Array.from({ length: 7 }, (_, index) => `new ${index}`);
    for (const id of ids) await writer.append(sampleDelivery({ id }));
    expect(await next).toEqual(ids);
    expect(followed.clearings()).toEqual([undefined]);
  });
});

test("no file stays open, whoever ends it, and when", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open({ segmentBytes: 1 });
  const writer = temporary.open({ segmentBytes: 1 });
  for (const id of ["a", "b", "c", "d"]) await writer.append(sampleDelivery({ id }));
  await writer.close();
  const aborted = new AbortController();
  // Never asked for anything; then asked, and ended by the signal; then left by `break`.
  history.follow(aborted.signal);
  const waiting = history.follow(aborted.signal)[Symbol.asyncIterator]().next();
  const left = history.follow(new AbortController().signal);
  const leaving = (async () => {
    for await (const { id } of left) return id;
    return undefined;
  })();
  await writer.append(sampleDelivery({ id: "e" }));
  expect(await waiting).toMatchObject({ value: { id: "e" } });
  expect(await leaving).toBe("e");
  aborted.abort();
  await writer.close();
  expect(openFilesIn(temporary.directory)).toEqual([]);
});

test("whatever is appended by two, in files and chunks of any size, is told in its order", async () => {
  const change = fc.record({
    writer: fc.constantFrom(0, 1),
    id: fc.constantFrom("a", "b", "c"),
    endpoint: fc.string({ unit: "binary", maxLength: 200 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 1_000, 1 << 20),
      fc.constantFrom(1, 64, 1 << 18),
      async (bursts, segmentBytes, chunkBytes) => {
        await using temporary = createTemporaryHistory();
        const writers = [temporary.open({ segmentBytes }), temporary.open({ segmentBytes })] as const;
        using followed = follow(temporary.open({ chunkBytes }));
        for (const burst of bursts) {
          for (const { writer, ...members } of burst) await writers[writer].append(sampleDelivery(members));
          expect(await followed.take(burst.length)).toEqual(burst.map(({ id }) => id));
        }
      },
    ),
    { numRuns: 25 },
  );
});

interface Followed extends Disposable {
  /** The ids of the next so many. */
  take(count: number): Promise<string[]>;
  /** What was taken last before each clearing that was told. */
  clearings(): readonly (string | undefined)[];
}

function follow(history: History): Followed {
  const ended = new AbortController();
  const clearings: (string | undefined)[] = [];
  let latest: string | undefined;
  const iterator = history.follow(ended.signal, () => clearings.push(latest))[Symbol.asyncIterator]();
  return {
    take: async (count) => {
      const ids: string[] = [];
      while (ids.length < count) {
        const { done, value } = await iterator.next();
        if (done === true) throw new Error("nothing more comes");
        latest = value.id;
        ids.push(value.id);
      }
      return ids;
    },
    clearings: () => clearings,
    [Symbol.dispose]: () => ended.abort(),
  };
}

/** Where the system tells: nothing elsewhere. */
function openFilesIn(directory: string): string[] {
  if (!existsSync("/proc/self/fd")) return [];
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}
