import { expect, test } from "vitest";
import { createGroupSync } from "../../src/history/group-sync.ts";

/** Work that ends when the test says so. */
function createHeldWork(): { work: () => Promise<void>; ends: { ok: () => void; fail: () => void }[] } {
  const ends: { ok: () => void; fail: () => void }[] = [];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push({ ok: resolve, fail: () => reject(new Error("the disk is full")) });
    });
  return { work, ends };
}

test("who comes while work is under way shares the next run, and waits for its end", async () => {
  const { work, ends } = createHeldWork();
  const sync = createGroupSync(work);
  const first = sync();
  const others = [sync(), sync(), sync()];
  const told: string[] = [];
  void Promise.all(others).then(() => told.push("others"));
  expect(ends).toHaveLength(1);
  ends[0]!.ok();
  await first;
  await expect.poll(() => ends.length).toBe(2);
  expect(told).toEqual([]);
  ends[1]!.ok();
  await Promise.all(others);
  expect(told).toEqual(["others"]);
  expect(ends).toHaveLength(2);
});

test("a run that fails is the failure of those who shared it, and of nobody after them", async () => {
  const { work, ends } = createHeldWork();
  const sync = createGroupSync(work);
  const first = sync();
  const second = sync();
  ends[0]!.fail();
  await expect(first).rejects.toThrow("full");
  await expect.poll(() => ends.length).toBe(2);
  ends[1]!.ok();
  await expect(second).resolves.toBeUndefined();
  const third = sync();
  ends[2]!.ok();
  await expect(third).resolves.toBeUndefined();
});
