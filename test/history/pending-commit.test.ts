/** What is committed outlives the machine: by what a disk is told, and what is left when it refuses. */
import { existsSync, fstatSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { syncFile } from "../../src/history/lasting.ts";
import type { PendingFile } from "../../src/history/pending-file.ts";
import type { Project } from "../../src/project/directory.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryProject, modeOf } from "../project/temporary-project.ts";
import { openPendingOf, pendingDirectory } from "./pending-of.ts";

const delivery = (number: number, members: Partial<Delivery> = {}): Delivery =>
  sampleDelivery({ id: `dlv_${number}`, ...members });

/** Syncs that end when the test says so, with what the file held when each began. */
function createHeldSync(): {
  sync: (descriptor: number) => Promise<void>;
  begun: { ids: string[]; ok: () => void; fail: () => void }[];
} {
  const begun: { ids: string[]; ok: () => void; fail: () => void }[] = [];
  return {
    begun,
    sync: async (descriptor) => {
      // By the descriptor itself, as the disk has it.
      const text = readFileSync(`/proc/self/fd/${descriptor}`, "utf8");
      const ids = [...text.matchAll(/"id":"(dlv_\d+)"/g)].map(([, id = ""]) => id);
      await new Promise<void>((resolve, reject) => {
        begun.push({ ids, ok: resolve, fail: () => reject(new Error("the disk is broken")) });
      });
    },
  };
}

/** As if the process had been killed now. */
function kill(project: Project): void {
  const directory = pendingDirectory(project);
  for (const name of readdirSync(directory)) {
    // Above what systems give out as a process id.
    renameSync(join(directory, name), join(directory, name.replace(/^[^.]+/, "4194999-1")));
  }
}

const claimedIds = (project: Project): string[] =>
  openPendingOf(project)
    .claim()
    .map(({ id }) => id);

test("a commit resolves once the disk has all of it, and it is the next process's", async () => {
  using project = createTemporaryProject();
  const file = openPendingOf(project, { isLasting: true });
  await file.commit([delivery(1), delivery(2)]);
  const [name] = readdirSync(pendingDirectory(project));
  expect(modeOf(join(pendingDirectory(project), name!))).toBe(0o600);
  file.keep(delivery(1, { state: "delivered" }));
  kill(project);
  expect(claimedIds(project)).toEqual(["dlv_2"]);
});

test.runIf(process.platform === "linux")(
  "a commit waits for a sync that began after it was written; those that come meanwhile share one",
  async () => {
    using project = createTemporaryProject();
    const { sync, begun } = createHeldSync();
    const file = openPendingOf(project, { isLasting: true, sync });
    const ended: number[] = [];
    const commits = [1, 2, 3].map(async (number) => {
      await file.commit([delivery(number)]);
      ended.push(number);
    });
    expect(begun.map(({ ids }) => ids)).toEqual([["dlv_1"]]);
    expect(ended).toEqual([]);
    begun[0]!.ok();
    await expect.poll(() => begun.length).toBe(2);
    expect(ended).toEqual([1]);
    expect(begun[1]!.ids).toEqual(["dlv_1", "dlv_2", "dlv_3"]);
    begun[1]!.ok();
    await Promise.all(commits);
    expect(begun).toHaveLength(2);
  },
);

test.runIf(process.platform === "linux")(
  "what the disk refuses is nobody's, and what follows is written anew, to another file",
  async () => {
    using project = createTemporaryProject();
    const { sync, begun } = createHeldSync();
    const file = openPendingOf(project, { isLasting: true, sync });
    const first = file.commit([delivery(1)]);
    begun[0]!.ok();
    await first;
    const refused = file.commit([delivery(2)]);
    const next = file.commit([delivery(3)]);
    begun[1]!.fail();
    await expect(refused).rejects.toThrow("broken");
    await expect.poll(() => begun.length).toBe(3);
    // A disk that has failed once may say of the same bytes that all is well.
    expect(begun[2]!.ids).toEqual(expect.arrayContaining(["dlv_1", "dlv_3"]));
    begun[2]!.ok();
    await next;
    const last = file.commit([delivery(4)]);
    await expect.poll(() => begun.length).toBe(4);
    begun[3]!.ok();
    await last;
    kill(project);
    expect(claimedIds(project).toSorted()).toEqual(["dlv_1", "dlv_3", "dlv_4"]);
  },
);

test("of several in one commit none is kept when one can't be written", async () => {
  using project = createTemporaryProject();
  const file = openPendingOf(project, { isLasting: true });
  await file.commit([delivery(1)]);
  const unwritable = { ...delivery(3), attempts: 1n as unknown as Delivery["attempts"] };
  await expect(file.commit([delivery(2), unwritable])).rejects.toThrow("BigInt");
  await file.commit([delivery(4)]);
  kill(project);
  expect(claimedIds(project).toSorted()).toEqual(["dlv_1", "dlv_4"]);
});

test.each<[string, (file: PendingFile) => void | Promise<void>]>([
  ["the next commit", (file) => file.commit([delivery(2)])],
  ["the next attempt", (file) => file.keep(delivery(2, { attempts: [sampleAttempt({ status: 500 })] }))],
  ["its close", (file) => file.close()],
])("a file that somebody has removed is written anew at %s, with all that is pending", async (_, happen) => {
  using project = createTemporaryProject();
  const file = openPendingOf(project, { isLasting: true });
  await file.commit([delivery(1), delivery(2)]);
  rmSync(project.directory, { recursive: true });
  await happen(file);
  kill(project);
  expect(claimedIds(project).toSorted()).toEqual(["dlv_1", "dlv_2"]);
});

test("a file that somebody has removed is not written anew for nothing", async () => {
  using project = createTemporaryProject();
  const file = openPendingOf(project, { isLasting: true });
  await file.commit([delivery(1)]);
  file.keep(delivery(1, { state: "delivered" }));
  rmSync(project.directory, { recursive: true });
  file.close();
  expect(existsSync(project.directory)).toBe(false);
});

test("a file that is replaced while it is synced is closed after that, and nothing is lost", async () => {
  using project = createTemporaryProject();
  let release = (): void => {};
  let synced: number | undefined;
  const sync = async (descriptor: number): Promise<void> => {
    synced ??= descriptor;
    await new Promise<void>((resolve) => (release = resolve));
    await syncFile(descriptor);
  };
  const file = openPendingOf(project, { isLasting: true, sync, compactBytes: 2_000 });
  const commit = file.commit([delivery(1)]);
  const inode = fstatSync(synced!).ino;
  const attempts = [sampleAttempt({ status: 500 })];
  for (let number = 2; number < 12; number++) {
    file.keep(delivery(number, { attempts }));
    file.keep(delivery(number, { state: "delivered" }));
  }
  // Another file by now, while the first is still open under its number.
  const [name] = readdirSync(pendingDirectory(project));
  expect(readFileSync(join(pendingDirectory(project), name!)).length).toBeLessThan(6_000);
  expect(fstatSync(synced!).ino).toBe(inode);
  release();
  await commit;
  kill(project);
  expect(claimedIds(project)).toEqual(["dlv_1"]);
});
