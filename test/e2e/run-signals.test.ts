import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { createProject, recordsOf } from "./project.ts";
import { node } from "./run-project.ts";
import { openTerminal } from "./terminal.ts";

/** Says which signals come; ends by itself with the exit code 9. */
const tellSignals = `
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
for (const signal of signals) process.on(signal, () => console.log("got " + signal));
setTimeout(() => process.exit(9), 25_000);
console.log("listening for signals");
`;

describe("a signal that is sent to run", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const)(
    "is passed on, %s once each time, and the exit code is the command's",
    async (signal) => {
      using project = await createProject();
      const endAtSecond = `${tellSignals}
        let count = 0;
        process.on("${signal}", () => { if (++count === 2) process.exit(5); });`;
      await using running = project.start(["run", "--", ...node(endAtSecond)]);
      await running.line(/^listening/);
      running.child.kill(signal);
      await running.line(new RegExp(`^got ${signal}$`));
      running.child.kill(signal);
      const { code, stdout } = await running.ended;
      expect(code).toBe(5);
      expect(stdout.split("\n").slice(1)).toEqual([`got ${signal}`, `got ${signal}`, ""]);
    },
  );

  test("leaves the command the time that it takes to stop, and 0 stays 0", async () => {
    using project = await createProject();
    // Longer than what is under way gets of other commands.
    const stopSlowly = `
      process.on("SIGTERM", () => setTimeout(() => { console.log("stopped"); process.exit(0); }, 2_500));
      setTimeout(() => process.exit(99), 25_000);
      console.log("listening");`;
    await using running = project.start(["run", "--json", "--", ...node(stopSlowly)]);
    await running.line(/^listening/);
    running.child.kill("SIGTERM");
    const result = await running.ended;
    expect(result.code).toBe(0);
    expect(result.stderr).toContain("stopped");
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 0, reason: "done" }]);
  });

  test("ends a command that does not listen for it: 128 and its number", async () => {
    using project = await createProject();
    const wait = `setTimeout(() => {}, 25_000); console.log("waiting")`;
    await using running = project.start(["run", "--", ...node(wait)]);
    await running.line(/^waiting/);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
  });
});

const hasTerminal = spawnSync("script", ["--version"]).status === 0;

describe.skipIf(!hasTerminal && !isCi)("in a terminal", () => {
  test.each([
    ["Ctrl-C", "\u0003", "SIGINT"],
    [String.raw`Ctrl-\ `, "\u001c", "SIGQUIT"],
  ])("%s reaches the command once, from the terminal itself", async (_, key, signal) => {
    using project = await createProject();
    // By the time of the second line a signal passed on beside the terminal's would have come.
    const tellOnce = `${tellSignals}
      process.on("${signal}", () => setTimeout(() => { console.log("enough"); process.exit(5); }, 500));`;
    await using terminal = openTerminal(["run", "--", ...node(tellOnce)], project.path);
    await terminal.shows(/listening for signals/);
    terminal.type(key);
    await terminal.shows(/enough/);
    expect(await terminal.ended).toBe(5);
    expect(terminal.shown().match(/got SIG\w+/g)).toEqual([`got ${signal}`]);
  });

  test("Ctrl-C, which does not reach a command outside the group in the foreground, is passed on to it", async () => {
    using project = await createProject();
    const tellOnce = `${tellSignals}
      process.on("SIGINT", () => process.exit(5));`;
    await using terminal = openTerminal(["run", "--", "setsid", ...node(tellOnce)], project.path);
    await terminal.shows(/listening for signals/);
    terminal.type("\u0003");
    await terminal.shows(/got SIGINT/);
    expect(await terminal.ended).toBe(5);
  });

  test("SIGTERM, which no key sends, is passed on", async () => {
    using project = await createProject();
    const tellParent = `${tellSignals}
      process.on("SIGTERM", () => process.exit(5));
      console.log("parent " + process.ppid + ".");`;
    await using terminal = openTerminal(["run", "--", ...node(tellParent)], project.path);
    const [, pid] = await terminal.shows(/parent (\d+)\./);
    process.kill(Number(pid), "SIGTERM");
    await terminal.shows(/got SIGTERM/);
    expect(await terminal.ended).toBe(5);
  });

  test("the command has the terminal for itself", async () => {
    using project = await createProject();
    const program = `
      process.stdin.once("data", (line) => console.log("read " + line, process.stdin.isTTY, process.stdout.isTTY));
      console.log("type");
      process.stdin.once("data", () => process.exit(0));`;
    await using terminal = openTerminal(["run", "--", ...node(program)], project.path);
    await terminal.shows(/type\r/);
    terminal.type("something\n");
    await terminal.shows(/read something\s+true true/);
    expect(await terminal.ended).toBe(0);
  });
});
