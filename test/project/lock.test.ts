import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withLock } from "../../src/project/lock.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { bundleScript } from "./bundled.ts";
import { modeOf, withUmask } from "./temporary-project.ts";

test("work runs under its lock, which is gone afterwards", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  const seen = await withUmask(0, () => withLock(path, () => [existsSync(path), modeOf(path)]));
  expect(seen).toEqual([true, 0o600]);
  expect(readdirSync(temporary.path)).toEqual([]);
});

test("what the work throws is thrown, and the lock is gone all the same", () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  const fail = (): never => {
    throw new Error("its own");
  };
  expect(() => withLock(path, fail)).toThrow("its own");
  expect(withLock(path, () => "next")).toBe("next");
});

test("a lock that can't be made is told with the system's code, and nothing runs", () => {
  using temporary = createTemporaryDirectory();
  let hasRun = false;
  expect(() => withLock(join(temporary.path, "missing", "lock"), () => (hasRun = true))).toThrow(
    expect.objectContaining({ code: "ENOENT" }),
  );
  expect(hasRun).toBe(false);
});

// A limit on the size of files stands for a full disk: a file can be made, and holds nothing.
test.skipIf(process.platform === "win32")(
  "where nothing can be written it names nobody, and is let go of all the same",
  async () => {
    using temporary = createTemporaryDirectory();
    const path = join(temporary.path, "lock");
    using script = await bundleScript(`
    import { spawnSync } from "node:child_process";
    import { withLock } from "./src/project/lock.ts";
    const [script, path, isLimited] = process.argv.slice(1);
    if (isLimited) withLock(path, () => {});
    else {
      const limited = ["-c", 'ulimit -f 0; exec "$@"', "sh", process.execPath, script, path, "limited"];
      process.send(spawnSync("/bin/sh", limited).status);
      process.disconnect();
    }
  `);
    expect(await script.start(path).message()).toBe(0);
    expect(readdirSync(temporary.path)).toEqual([]);
  },
);

test("a directory in its place is told, and not waited for", () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  mkdirSync(path);
  const old = new Date(Date.now() - 60_000);
  utimesSync(path, old, old);
  expect(() => withLock(path, () => {})).toThrow(path);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["six seconds", -6_000],
  ["a day", -86_400_000],
  // The clock was set back meanwhile.
  ["minus one hour", 3_600_000],
])("a lock that is %s old is of a process that was killed: it holds nobody up", async (_, offsetMs) => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  leaveLock(path, offsetMs);
  // In a process of its own: who waits here waits without an end, and hears nothing.
  using script = await bundleScript(`
    import { withLock } from "./src/project/lock.ts";
    withLock(process.argv[2], () => process.send("taken"));
    process.disconnect();
  `);
  const taking = script.start(path);
  expect(await taking.message()).toBe("taken");
  expect(await taking.ended).toEqual({ code: 0, errors: "" });
  expect(readdirSync(temporary.path)).toEqual([]);
});

test("while another process holds it, work waits", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  const log = join(temporary.path, "log");
  using script = await bundleScript(`
    import { appendFileSync } from "node:fs";
    import { withLock } from "./src/project/lock.ts";
    const [path, log] = process.argv.slice(2);
    withLock(path, () => {
      process.send("held");
      // The message is out before the process is busy, and it stays so for a while.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
      appendFileSync(log, "other ");
    });
    process.disconnect();
  `);
  const other = script.start(path, log);
  await other.message();
  withLock(path, () => appendFileSync(log, "own"));
  expect(readFileSync(log, "utf8")).toBe("other own");
  expect(await other.ended).toEqual({ code: 0, errors: "" });
});

test("a process that is killed under it holds the next one up for a moment only", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  using script = await bundleScript(`
    import { withLock } from "./src/project/lock.ts";
    withLock(process.argv[2], () => {
      process.send("held");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  `);
  const killed = script.start(path);
  await killed.message();
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(existsSync(path)).toBe(true);
  const { mtimeMs } = statSync(path);
  // It names who has gone, so that nobody waits until it is old.
  const age = withLock(path, () => Date.now() - mtimeMs);
  expect(age).toBeLessThan(5_000);
});

test("one that a process of another container holds is waited for until it is old", async () => {
  using temporary = createTemporaryDirectory();
  const path = join(temporary.path, "lock");
  // Of a number that nobody has here.
  writeFileSync(path, "4194305 1 pid:[1]");
  const made = new Date(Date.now() - 4_500);
  utimesSync(path, made, made);
  // The file's time has fractions of a millisecond, by which it is older.
  expect(withLock(path, () => Date.now() - made.getTime())).toBeGreaterThanOrEqual(5_000);
});

describe("of many processes", () => {
  const count = 5;
  const times = 3;

  test.each([
    ["is free", 10, undefined],
    // Several find at once that it was left behind; it takes a few rounds until they are in each other's way.
    ["was left behind", 40, 10_000],
  ])("at a lock that %s, one works at a time", async (_, rounds, ageMs) => {
    using temporary = createTemporaryDirectory();
    const path = join(temporary.path, "lock");
    const counter = join(temporary.path, "counter");
    using script = await bundleScript(`
      import { readFileSync, writeFileSync } from "node:fs";
      import { withLock } from "./src/project/lock.ts";
      const [path, counter] = process.argv.slice(2);
      process.on("message", () => {
        for (let time = 0; time < ${times}; time++) {
          withLock(path, () => writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1)));
        }
        process.send("done");
      });
      process.send("ready");
    `);
    const processes = Array.from({ length: count }, () => script.start(path, counter));
    const answers = (): Promise<unknown[]> => Promise.all(processes.map((one) => one.message()));
    await answers();
    for (let round = 0; round < rounds; round++) {
      writeFileSync(counter, "0");
      if (ageMs !== undefined) leaveLock(path, -ageMs);
      const done = answers();
      for (const { child } of processes) child.send("go");
      await done;
      expect(readFileSync(counter, "utf8")).toBe(String(count * times));
    }
    expect(readdirSync(temporary.path)).toEqual(["counter"]);
  });

  test("the one that was killed while it removed an old lock holds nobody up either", () => {
    using temporary = createTemporaryDirectory();
    const path = join(temporary.path, "lock");
    leaveLock(path, -10_000);
    leaveLock(`${path}.stale`, -10_000);
    expect(withLock(path, () => "taken")).toBe("taken");
    expect(readdirSync(temporary.path)).toEqual([]);
  });
});

/** A lock whose process is gone. */
function leaveLock(path: string, offsetMs: number): void {
  writeFileSync(path, "");
  const made = new Date(Date.now() + offsetMs);
  utimesSync(path, made, made);
}
