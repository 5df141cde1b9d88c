/** What of a history can't be read: it is passed over, and told of by its file and line, once. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
  futimesSync,
  existsSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Damage } from "../../src/history/damage.ts";
import type { History } from "../../src/history/history.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory } from "./temporary-history.ts";

const today = "2026-01-10.0001.ndjson";

describe("a damaged line", () => {
  test("is told with its file and number, once, however often it is met", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    await history.append(sampleDelivery({ id: "b" }));
    const path = join(temporary.directory, today);
    const lines = readFileSync(path, "utf8").split("\n");
    // Lines 1 and 3 are empty: each record ends what a killed process may have left.
    lines[1] = lines[1]!.slice(0, 40);
    writeFileSync(path, lines.join("\n"));
    expect(await idsOf(history)).toEqual(["b"]);
    expect(await idsOf(history)).toEqual(["b"]);
    expect(told).toEqual([{ file: path, reason: "damaged", lines: [2], count: 1 }]);
    appendFileSync(path, "\nanother\n");
    expect(await idsOf(history)).toEqual(["b"]);
    expect(told.slice(1)).toEqual([{ file: path, reason: "damaged", lines: [6], count: 1 }]);
  });

  test("hides no older state of its delivery", async () => {
    await using temporary = createTemporaryHistory();
    const history = temporary.open();
    const delivery = sampleDelivery({ id: `dlv_${"ab".repeat(16)}` });
    await history.append(delivery);
    const path = join(temporary.directory, today);
    const line = JSON.stringify({ ...delivery, state: "delivered" });
    appendFileSync(path, `\n${line.slice(0, -20)}\n\n${line.slice(0, 60)}}\n`);
    expect(await history.get(delivery.id)).toEqual(delivery);
    expect(await history.list({ limit: 10 })).toEqual([delivery]);
  });

  test("is counted, and a few are named, where there are many", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    appendFileSync(join(temporary.directory, today), "x\n".repeat(5_000));
    expect(await idsOf(history)).toEqual(["a"]);
    expect(await idsOf(history)).toEqual(["a"]);
    expect(told).toMatchObject([{ count: 5_000, lines: [4998, 4999, 5000, 5001, 5002] }]);
  });

  test("is told by who lists no further than the lines before it, too", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    appendFileSync(join(temporary.directory, today), "x\n");
    expect(await history.list({ limit: 1 })).toHaveLength(1);
    expect(told).toMatchObject([{ lines: [3] }]);
  });
});

describe("a last line that is half written", () => {
  test("is told when nobody writes on", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    appendFileSync(join(temporary.directory, today), '\n{"id":"torn"');
    expect(await idsOf(history)).toEqual(["a"]);
    expect(told).toMatchObject([{ reason: "damaged", lines: [4], count: 1 }]);
  });

  test("is nobody's damage while it is being written", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "first" }));
    const descriptor = openSync(join(temporary.directory, today), "a");
    const later = Date.now() / 1_000 + 3_600;
    try {
      for (let round = 0; round < 20; round++) {
        const line = `\n${JSON.stringify(sampleDelivery({ id: `${round}` }))}\n`;
        writeSync(descriptor, line.slice(0, 100));
        // However long this process is held up before it writes on, the line does not look like one that was left.
        futimesSync(descriptor, later, later);
        const listed = idsOf(history);
        // The reader is somewhere on its way: the file is opened, or read, or about to be looked at again.
        for (let turns = 0; turns < round % 7; turns++) await new Promise((resolve) => setImmediate(resolve));
        writeSync(descriptor, `${line.slice(100)}${line}`);
        expect((await listed)[0]).toBe(`${round}`);
      }
    } finally {
      closeSync(descriptor);
    }
    expect(told).toEqual([]);
  });
});

describe("another format", () => {
  test("is told of once a file, and left alone by clearing as well", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    mkdirSync(temporary.directory);
    for (const name of ["2026-01-09.0001.ndjson.gz", "2027-01-01.1.v2.ndjson", "note.txt"]) {
      writeFileSync(join(temporary.directory, name), "");
    }
    const later = join(temporary.directory, "2026-01-09.0001.ndjson");
    writeFileSync(later, `${JSON.stringify({ v: 2, id: "dlv_1" })}\n`.repeat(3));
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    expect(await idsOf(history)).toEqual(["a"]);
    expect(await idsOf(history)).toEqual(["a"]);
    const file = (name: string): string => join(temporary.directory, name);
    expect(told.toSorted((a, b) => a.count - b.count)).toEqual([
      { file: file("2026-01-09.0001.ndjson.gz"), reason: "another-format", lines: [], count: 0 },
      { file: file("2027-01-01.1.v2.ndjson"), reason: "another-format", lines: [], count: 0 },
      { file: later, reason: "another-format", lines: [1, 2, 3], count: 3 },
    ]);
    await history.clear();
    expect(readdirSync(temporary.directory).sort()).toEqual([
      "2026-01-09.0001.ndjson.gz",
      "2027-01-01.1.v2.ndjson",
      "note.txt",
    ]);
  });

  test("is what a directory has that is called like a file of ours", async () => {
    await using temporary = createTemporaryHistory();
    const { told, onDamaged } = collectDamage();
    mkdirSync(join(temporary.directory, "2026-01-09.0001.ndjson"), { recursive: true });
    const history = temporary.open({ onDamaged });
    await history.append(sampleDelivery({ id: "a" }));
    expect(await idsOf(history)).toEqual(["a"]);
    expect(told).toMatchObject([{ reason: "another-format", count: 0 }]);
  });
});

test("what was appended is what is listed, and what is damaged is what is told, whatever lies between", async () => {
  const unicode = fc.string({ unit: "binary", maxLength: 300 });
  const id = fc.constantFrom(
    "a",
    "é€😀",
    `dlv_${"0".repeat(32)}`,
    ...["1", "2", "f"].map((digit) => `dlv_${digit.repeat(32)}`),
  );
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ id, endpoint: unicode, state: fc.constantFrom("pending", "failed") }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        raw: fc.constantFrom("\n", "\n\n \n", "garbage\n", "{}\n", '{"id":"torn","e":{}}', "é€😀"),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.constantFrom(1, 1_000, 5_000, 1 << 20),
      fc.constantFrom(1, 7, 64, 1_000, 1 << 18),
      async (steps, segmentBytes, chunkBytes) => {
        await using temporary = createTemporaryHistory();
        const { told, onDamaged } = collectDamage();
        const history = temporary.open({ segmentBytes, chunkBytes, onDamaged });
        const states = new Map<string, ReturnType<typeof sampleDelivery>>();
        for (const taken of steps) {
          if ("raw" in taken) appendRaw(temporary.directory, taken.raw);
          else {
            const delivery = sampleDelivery(taken);
            await history.append(delivery);
            states.delete(delivery.id);
            states.set(delivery.id, delivery);
          }
        }
        expect(await history.list({ limit: 1_000 })).toEqual([...states.values()].reverse());
        const numbers = told.flatMap(({ file, lines }) => lines.map((line) => `${file} ${line}`));
        const expected = unreadableLines(temporary.directory);
        expect(told.reduce((count, each) => count + each.count, 0)).toBe(expected.length);
        // At most five of a file and reason are named.
        expect(expected).toEqual(expect.arrayContaining(numbers));
        expect(numbers.length).toBeGreaterThanOrEqual(Math.min(5, expected.length));
        for (const [known, state] of states) expect(await history.get(known)).toEqual(state);
      },
    ),
    { numRuns: 60 },
  );
});

function collectDamage(): { told: Damage[]; onDamaged: (damage: Damage) => void } {
  const told: Damage[] = [];
  return { told, onDamaged: (damage) => void told.push(damage) };
}

async function idsOf(history: History): Promise<string[]> {
  return (await history.list({ limit: 1_000 })).map(({ id }) => id);
}

/** At the end of the newest file, as a process does that is killed, or somebody with an editor. */
function appendRaw(directory: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  const newest = readdirSync(directory).sort().at(-1) ?? today;
  appendFileSync(join(directory, newest), text);
}

/** By reading everything: what is no delivery, by file and line. */
function unreadableLines(directory: string): string[] {
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const paths = names.map((name) => join(directory, name));
  return paths.flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((line, index) => (line === "" || isDelivery(line) ? [] : [`${path} ${index + 1}`])),
  );
}

function isDelivery(line: string): boolean {
  try {
    return "attempts" in (JSON.parse(line) as object);
  } catch {
    return false;
  }
}
