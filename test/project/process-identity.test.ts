import { once } from "node:events";
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { isRunning, ownIdentity, type ProcessIdentity } from "../../src/project/process-identity.ts";
import { bundleScript } from "./bundled.ts";

const isLinux = process.platform === "linux";

test("this process runs, and is the same each time it is asked", () => {
  expect(ownIdentity()).toEqual(ownIdentity());
  expect(ownIdentity().pid).toBe(process.pid);
  expect(isRunning(ownIdentity())).toBe(true);
});

test("another process runs until it ends", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const ended = once(child, "exit");
  await once(child, "spawn");
  const identity = { pid: child.pid!, started: "" };
  expect(isRunning(identity)).toBe(true);
  child.kill("SIGKILL");
  await ended;
  expect(isRunning(identity)).toBe(false);
});

test.runIf(isLinux)("a later process with the same number is another", () => {
  const { pid, started } = ownIdentity();
  expect(started).toMatch(/^\d+$/);
  expect(isRunning({ pid, started: String(Number(started) - 1) })).toBe(false);
});

test.runIf(isLinux)(
  "a process whose name holds brackets and spaces is the same as before it had that name",
  async () => {
    using script = await bundleScript(`
    import { ownIdentity } from "./src/project/process-identity.ts";
    const before = ownIdentity();
    process.title = "a) b 7 (c";
    process.send([before, ownIdentity()]);
    setInterval(() => {}, 1_000);
  `);
    const [before, after] = (await script.start().message()) as ProcessIdentity[];
    expect(after).toEqual(before);
    expect(isRunning(before!)).toBe(true);
  },
);

test("a process of another user, or of nobody, is there: the first of the system", () => {
  expect(isRunning({ pid: 1, started: "" })).toBe(true);
});

// Elsewhere the system does not tell.
test.runIf(process.platform === "linux")(
  "a process that has ended runs no more, though its parent has not asked for it yet",
  async () => {
    // What the shell becomes knows nothing of the child that the shell had.
    const parent = spawn("sh", ["-c", 'sleep 30 & exec sh -c "echo $!; exec sleep 30"'], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      expect(isRunning({ pid, started: "" })).toBe(true);
      process.kill(pid, "SIGKILL");
      await expect.poll(() => isRunning({ pid, started: "" })).toBe(false);
      // It is still there.
      process.kill(pid, 0);
    } finally {
      parent.kill("SIGKILL");
    }
  },
);
