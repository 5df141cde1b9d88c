/** What is pending among real processes: killed at any moment, and several that claim at once. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, afterAll, expect, test } from "vitest";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { bundleScript, type BundledScript } from "../project/bundled.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { openPendingOf, pendingDirectory } from "./pending-of.ts";

let keeping: BundledScript;
let claiming: BundledScript;

beforeAll(async () => {
  // Keeps one after the other, and notes what it has kept for sure: never more than that may be missing.
  keeping = await bundleScript(`
    import { mkdirSync, openSync, writeSync } from "node:fs";
    import { createPendingFile } from "./src/history/pending-file.ts";
    const [directory, acknowledged, sample, count] = process.argv.slice(2);
    const file = createPendingFile({
      directory,
      ensureDirectory: () => mkdirSync(directory, { recursive: true }),
      compactBytes: 20_000,
    });
    const notes = openSync(acknowledged, "a");
    for (let number = 0; number < Number(count); number++) {
      const delivery = { ...JSON.parse(sample), id: "dlv_" + process.pid + "_" + number };
      file.keep(delivery);
      // Every third stays pending.
      if (number % 3 === 0) writeSync(notes, delivery.id + "\\n");
      else file.keep({ ...delivery, state: "delivered" });
      if (number === 30) process.send("under way");
    }
    process.send("done");
    setInterval(() => {}, 1_000);
  `);
  claiming = await bundleScript(`
    import { mkdirSync } from "node:fs";
    import { createPendingFile } from "./src/history/pending-file.ts";
    const [directory] = process.argv.slice(2);
    const file = createPendingFile({ directory, ensureDirectory: () => mkdirSync(directory, { recursive: true }) });
    process.on("message", () => process.send(file.claim().map(({ id }) => id)));
    process.send("ready");
  `);
});

afterAll(() => {
  keeping[Symbol.dispose]();
  claiming[Symbol.dispose]();
});

test("a process that lives keeps its own; once it is killed, at whatever moment, the next one has all of it", async () => {
  using project = createTemporaryProject();
  using temporary = createTemporaryDirectory();
  const acknowledged = join(temporary.path, "acknowledged");
  const directory = pendingDirectory(project);
  const sample = JSON.stringify(sampleDelivery());
  const claimed = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const { child, message, ended } = keeping.start(directory, acknowledged, sample, "100000");
    expect(await message()).toBe("under way");
    expect(openPendingOf(project).claim()).toEqual([]);
    child.kill("SIGKILL");
    await ended;
    const next = openPendingOf(project);
    for (const { id } of next.claim()) {
      expect(claimed).not.toContain(id);
      claimed.add(id);
    }
    const kept = readFileSync(acknowledged, "utf8").trimEnd().split("\n");
    const missing = kept.filter((id) => !claimed.has(id));
    expect(missing).toEqual([]);
  }
});

test("several that claim at once get each their own, and together all there is", async () => {
  using project = createTemporaryProject();
  const directory = pendingDirectory(project);
  const processes = [0, 1, 2, 3].map(() => claiming.start(directory));
  for (const { message } of processes) expect(await message()).toBe("ready");
  let begun = 0;
  for (let round = 0; round < 10; round++) {
    const left: string[] = [];
    for (let file = 0; file < 12; file++) {
      const pending = openPendingOf(project);
      for (let index = 0; index < 3; index++) {
        const id = `dlv_${begun++}`;
        left.push(id);
        pending.keep(sampleDelivery({ id }));
      }
      pending.close();
    }
    const answers = processes.map(({ message }) => message());
    for (const { child } of processes) child.send("claim");
    const claimed = (await Promise.all(answers)).flat() as string[];
    expect(claimed.toSorted()).toEqual(left.toSorted());
  }
  // What they have taken stays with them as long as they live.
  expect(openPendingOf(project).claim()).toEqual([]);
  for (const { child, ended } of processes) {
    child.kill("SIGKILL");
    await ended;
  }
  expect(openPendingOf(project).claim()).toHaveLength(begun);
  expect(existsSync(directory)).toBe(true);
});
