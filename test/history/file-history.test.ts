import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { History } from "../../src/history/history.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory, noon } from "./temporary-history.ts";

const dayMs = 24 * 60 * 60 * 1000;
const today = "2026-01-10.0001.ndjson";

test("makes nothing before the first append", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open();
  expect(await history.list({ limit: 10 })).toEqual([]);
  expect(existsSync(temporary.directory)).toBe(false);
});

test("reads no more of a large history than the records that hold a text", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open();
  for (let index = 0; index < 50; index++) await history.append(sampleDelivery({ id: `dlv_${index}` }));
  const asked: string[] = [];
  const where = ({ id }: { readonly id: string }): boolean => asked.push(id) > 0;
  const found = await history.list({ limit: 10, where, containing: '"dlv_7"' });
  expect(found.map(({ id }) => id)).toEqual(["dlv_7"]);
  expect(asked).toEqual(["dlv_7"]);
});

test("passes over the files of days before the time asked for", async () => {
  await using temporary = createTemporaryHistory();
  mkdirSync(temporary.directory);
  const changed = { createdAt: new Date(noon).toISOString() };
  for (const day of ["2026-01-08", "2026-01-09", "2026-01-10"]) {
    const line = JSON.stringify(sampleDelivery({ id: day, ...changed }));
    writeFileSync(join(temporary.directory, `${day}.0001.ndjson`), `\n${line}\n`);
  }
  const history = temporary.open();
  const idsSince = async (since: number): Promise<string[]> =>
    (await history.list({ limit: 10, since })).map(({ id }) => id);
  // What these say of their time can't be: nothing is appended before it has happened.
  expect(await idsSince(noon)).toEqual(["2026-01-10"]);
  expect(await idsSince(noon - dayMs)).toEqual(["2026-01-10", "2026-01-09"]);
  // A clock that was set back by a moment at midnight hides nothing.
  expect(await idsSince(Date.UTC(2026, 0, 10))).toEqual(["2026-01-10", "2026-01-09"]);
  expect(await idsSince(0)).toHaveLength(3);
});

test("lets other work have its turn while it is read", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open({ chunkBytes: 1_000 });
  for (let index = 0; index < 100; index++) await history.append(sampleDelivery({ id: `dlv_${index}` }));
  let turns = 0;
  const work = (): void => {
    turns++;
    working = setImmediate(work);
  };
  let working = setImmediate(work);
  expect(await history.list({ limit: 10, where: () => false })).toEqual([]);
  clearImmediate(working);
  expect(turns).toBeGreaterThan(statSync(join(temporary.directory, today)).size / 1_000);
});

test("is there for the next process", async () => {
  await using temporary = createTemporaryHistory();
  const before = temporary.open();
  await before.append(sampleDelivery({ id: "a" }));
  await before.close();
  const after = temporary.open();
  await after.append(sampleDelivery({ id: "b" }));
  expect(await idsOf(after)).toEqual(["b", "a"]);
});

test("goes on after it was closed", async () => {
  await using temporary = createTemporaryHistory();
  const history = temporary.open();
  await history.append(sampleDelivery({ id: "a" }));
  await history.close();
  await history.append(sampleDelivery({ id: "b" }));
  expect(await idsOf(history)).toEqual(["b", "a"]);
});

test("is its owner's alone, whatever the umask", async () => {
  await using temporary = createTemporaryHistory();
  const umask = process.umask(0);
  try {
    await temporary.open().append(sampleDelivery());
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(temporary.directory, today)).mode & 0o777).toBe(0o600);
});

describe("two histories of one directory", () => {
  test("see what the other appends, in the order in which it happened", async () => {
    await using temporary = createTemporaryHistory();
    const [one, other] = [temporary.open(), temporary.open()];
    await one.append(sampleDelivery({ id: "a" }));
    await other.append(sampleDelivery({ id: "b" }));
    await one.append(sampleDelivery({ id: "c" }));
    await other.append(sampleDelivery({ id: "a", state: "delivered" }));
    for (const history of [one, other]) {
      expect(await idsOf(history)).toEqual(["a", "c", "b"]);
      expect(await history.get("a")).toMatchObject({ state: "delivered" });
    }
    expect(readdirSync(temporary.directory)).toEqual([today]);
  });

  test("lose nothing, whoever appends, and whatever a killed third leaves half written", async () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ writer: fc.constantFrom(0, 1), id: fc.constantFrom("a", "b", "c", "d") }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ torn: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step), fc.constantFrom(1, 1_000, 1 << 20), async (steps, segmentBytes) => {
        await using temporary = createTemporaryHistory();
        const writers = [temporary.open({ segmentBytes }), temporary.open({ segmentBytes })] as const;
        const appended: string[] = [];
        for (const taken of steps) {
          if ("torn" in taken) {
            tear(temporary.directory, taken.torn);
          } else {
            await writers[taken.writer].append(sampleDelivery({ id: taken.id }));
            appended.unshift(taken.id);
          }
        }
        expect(await idsOf(writers[0])).toEqual([...new Set(appended)]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a damaged file", () => {
  test("costs no record that was appended after a torn one", async () => {
    await using temporary = createTemporaryHistory();
    const killed = temporary.open();
    await killed.append(sampleDelivery({ id: "before" }));
    const path = join(temporary.directory, today);
    appendFileSync(path, readFileSync(path).subarray(0, -20));
    await temporary.open().append(sampleDelivery({ id: "after" }));
    expect(await idsOf(killed)).toEqual(["after", "before"]);
  });

  test.each([
    ["no JSON", "what is this\n"],
    ["JSON that is no record", `[]\nnull\n42\n"text"\n{}\n{"id":7}\n`],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x80, 0x0a])],
    ["empty lines", "\n\n\n"],
  ])("is read around %s", async (_, damage) => {
    await using temporary = createTemporaryHistory();
    const history = temporary.open();
    await history.append(sampleDelivery({ id: "before" }));
    appendFileSync(join(temporary.directory, today), damage);
    await history.append(sampleDelivery({ id: "after" }));
    expect(await idsOf(history)).toEqual(["after", "before"]);
  });
});

describe("segments", () => {
  test("are begun when the last is full, and read in their order", async () => {
    await using temporary = createTemporaryHistory();
    const history = temporary.open({ segmentBytes: 1 });
    const ids = Array.from({ length: 12 }, (_, index) => `dlv_${index}`);
    for (const id of ids) await history.append(sampleDelivery({ id }));
    expect(readdirSync(temporary.directory)).toHaveLength(12);
    expect(await idsOf(history)).toEqual(ids.toReversed());
    expect(await history.get("dlv_0")).toBeDefined();
  });

  test("go on past 9999", async () => {
    await using temporary = createTemporaryHistory();
    mkdirSync(temporary.directory);
    writeSegment(temporary.directory, "2026-01-10.9999.ndjson", "old");
    const history = temporary.open({ segmentBytes: 1 });
    await history.append(sampleDelivery({ id: "new" }));
    await history.append(sampleDelivery({ id: "newer" }));
    expect(readdirSync(temporary.directory).sort()).toEqual([
      "2026-01-10.10000.ndjson",
      "2026-01-10.10001.ndjson",
      "2026-01-10.9999.ndjson",
    ]);
    expect(await idsOf(history)).toEqual(["newer", "new", "old"]);
  });

  test("are begun each day, by UTC", async () => {
    await using temporary = createTemporaryHistory();
    let now = Date.UTC(2026, 0, 10, 23, 59, 59, 999);
    const history = temporary.open({ now: () => now });
    await history.append(sampleDelivery({ id: "a" }));
    now += 1;
    await history.append(sampleDelivery({ id: "b" }));
    expect(readdirSync(temporary.directory).sort()).toEqual([today, "2026-01-11.0001.ndjson"]);
    expect(await idsOf(history)).toEqual(["b", "a"]);
  });

  test("are begun anew where the directory was removed meanwhile", async () => {
    await using temporary = createTemporaryHistory();
    const history = temporary.open({ segmentBytes: 1 });
    await history.append(sampleDelivery({ id: "a" }));
    rmSync(temporary.directory, { recursive: true });
    await history.append(sampleDelivery({ id: "b" }));
    expect(await idsOf(history)).toEqual(["b"]);
  });
});

describe("retention", () => {
  test("drops what is older than seven days, and nothing that is no history", async () => {
    await using temporary = createTemporaryHistory();
    mkdirSync(temporary.directory);
    for (const day of ["2026-01-02", "2026-01-03", "2026-01-09"]) {
      writeSegment(temporary.directory, `${day}.0001.ndjson`, day);
    }
    writeFileSync(join(temporary.directory, "2025-01-01.txt"), "a note");
    const history = temporary.open();
    await history.append(sampleDelivery({ id: "today" }));
    expect(await idsOf(history)).toEqual(["today", "2026-01-09", "2026-01-03"]);
    expect(readdirSync(temporary.directory)).toContain("2025-01-01.txt");
  });

  test("drops the oldest days of a process that runs on", async () => {
    await using temporary = createTemporaryHistory();
    let now = noon;
    const history = temporary.open({ now: () => now });
    for (let day = 0; day < 9; day++) {
      await history.append(sampleDelivery({ id: `day ${day}` }));
      now += dayMs;
    }
    expect(await idsOf(history)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map((day) => `day ${day}`));
  });

  test("drops the oldest segments beyond a size", async () => {
    await using temporary = createTemporaryHistory();
    const bytes = Buffer.byteLength(`\n${JSON.stringify(sampleDelivery({ id: "0" }))}\n`);
    const history = temporary.open({ segmentBytes: 1, retainedBytes: 3 * bytes });
    for (let id = 0; id < 6; id++) await history.append(sampleDelivery({ id: String(id) }));
    // The three that fit, and the one that was begun then.
    expect(await idsOf(history)).toEqual(["5", "4", "3", "2"]);
    await history.close();
    await temporary.open({ segmentBytes: 1, retainedBytes: bytes }).append(sampleDelivery({ id: "6" }));
    expect(await idsOf(history)).toEqual(["6", "5"]);
  });
});

describe("what can't be read is ERR_HISTORY_UNREADABLE", () => {
  const unreadable = expect.objectContaining({ code: "ERR_HISTORY_UNREADABLE" });

  test("where a file is in the place of the directory", async () => {
    await using temporary = createTemporaryHistory();
    writeFileSync(temporary.directory, "");
    const history = temporary.open();
    await expect(history.list({ limit: 1 })).rejects.toThrow(unreadable);
    await expect(history.get("dlv_1")).rejects.toThrow(unreadable);
    await expect(history.clear()).rejects.toThrow(unreadable);
    expect(readFileSync(temporary.directory, "utf8")).toBe("");
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0).each([
    ["the directory", ""],
    ["a file in it", today],
  ])("where %s is another user's", async (_, name) => {
    await using temporary = createTemporaryHistory();
    const history = temporary.open();
    await history.append(sampleDelivery());
    const path = join(temporary.directory, name);
    const { mode } = statSync(path);
    chmodSync(path, 0);
    try {
      await expect(history.list({ limit: 1 })).rejects.toThrow(unreadable);
    } finally {
      chmodSync(path, mode);
    }
  });
});

async function idsOf(history: History): Promise<string[]> {
  return (await history.list({ limit: 1_000 })).map(({ id }) => id);
}

/** Leaves the beginning of a line at the end of the newest file, as a process does that is killed in the middle of it. */
function tear(directory: string, share: number): void {
  const newest = existsSync(directory) ? readdirSync(directory).sort().at(-1) : undefined;
  if (newest === undefined) return;
  const line = Buffer.from(
    `\n${JSON.stringify(sampleDelivery({ id: "torn", endpoint: "é€😀".repeat(10) }))}`,
  );
  appendFileSync(join(directory, newest), line.subarray(0, Math.floor(share * line.length)));
}

function writeSegment(directory: string, name: string, id: string): void {
  writeFileSync(join(directory, name), `\n${JSON.stringify(sampleDelivery({ id }))}\n`);
}
