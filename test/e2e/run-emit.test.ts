import { describe, expect, test } from "vitest";
import type { CliResult, RunningCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf } from "./app.ts";
import { createProject, recordsOf } from "./project.ts";
import { emitByControlApi, node, serve, waitForEnd } from "./run-project.ts";

describe("--emit", () => {
  test("waits for its endpoints to listen, and delivers in order while the command runs", async () => {
    using project = await createProject();
    const port = await findFreePort();
    const webhook = `http://127.0.0.1:${port}/api/webhook`;
    const flags = ["--webhook", webhook, "--emit", "user.created,role.created", "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(waitForEnd, "0")]);
    await running.line(/^waiting/);
    await using app = await startReceiver({ port });
    const types = [await app.next(), await app.next(), await app.next()].map(
      (request) => claimsOf(request).type,
    );
    running.child.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(types).toEqual(["user.created", "role.created", "user.created"]);
    expect(stderr.match(/▸ \S+|◂ \d+/g)).toEqual(types.flatMap((type) => [`▸ ${type}`, "◂ 200"]));
  });

  test("delivers to the command itself", async () => {
    using project = await createProject();
    const port = await findFreePort();
    const flags = ["--webhook", `http://127.0.0.1:${port}/`, "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(serve, `${port}`)]);
    await running.line(/◂ 200/);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  test("waits for what --wait-on names in place of the endpoints", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const port = await findFreePort();
    const flags = ["--json", "--webhook", app.url, "--emit", "user.created", "--wait-on", `${port}`];
    await using running = project.start(["run", ...flags, "--", ...node(serve, `${port}`)]);
    await running.line(/^listening/);
    await running.line(/"state":"delivered"/);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(app.requests.map((request) => claimsOf(request).type)).toEqual(["user.created"]);
  });

  test("goes where the command's own emits go", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const flags = ["--webhook", app.url, "--emit", "user.created"];
    const own = node(emitByControlApi + waitForEnd, JSON.stringify({ type: "role.created" }), "0");
    await using running = project.start(["run", ...flags, "--", ...own]);
    const types = [claimsOf(await app.next()).type, claimsOf(await app.next()).type];
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(types.sort()).toEqual(["role.created", "user.created"]);
  });
});

describe("what --emit does not deliver", () => {
  test.each([
    [0, 1, "not_delivered"],
    [7, 7, "command_failed"],
  ])("makes the exit code %i a %i", async (own, code, reason) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [400] });
    const flags = ["--json", "--webhook", app.url, "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(waitForEnd, `${own}`)]);
    const result = await endAfter(running, /"status":400/);
    expect(result.code).toBe(code);
    expect(recordsOf(result, "exit")).toMatchObject([{ code, reason }]);
  });

  test("is told, with the answer", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [400] });
    const flags = ["--webhook", app.url, "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(waitForEnd, "0")]);
    const { code, stderr } = await endAfter(running, /◂ 400/);
    expect(code).toBe(1);
    expect(stderr).toContain("not all of --emit was delivered");
  });

  test("because the command ended before anything listened, is told", async () => {
    using project = await createProject();
    const webhook = `http://127.0.0.1:${await findFreePort()}/api/webhook`;
    const flags = ["--json", "--webhook", webhook, "--emit", "user.created"];
    const result = await project.run(["run", ...flags, "--", ...node("")]);
    expect(result.code).toBe(1);
    expect(recordsOf(result, "warning")).toMatchObject([{ code: "WARN_NOT_EMITTED" }]);
    expect(recordsOf(result, "delivery")).toEqual([]);
  });

  test("because there is no webhook, is told", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const flags = ["--json", "--wait-on", app.url, "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(waitForEnd, "0")]);
    const result = await endAfter(running, /"warning"/);
    expect(result.code).toBe(1);
    expect(recordsOf(result, "warning")).toMatchObject([
      { code: "WARN_NOT_EMITTED", message: expect.stringContaining("no webhook") as string },
    ]);
  });

  test("because no webhook wants it, is told", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const flags = ["--webhook", `${app.url}=role.*`, "--emit", "user.created"];
    await using running = project.start(["run", ...flags, "--", ...node(waitForEnd, "0")]);
    const { code } = await endAfter(running, /^Skipped, as no endpoint wants them: user\.created\.$/);
    expect(code).toBe(1);
  });
});

/** Ends the command once it waits for that, and a line was shown. */
async function endAfter(running: RunningCli, line: RegExp): Promise<CliResult> {
  await running.line(/^waiting/);
  await running.line(line);
  running.child.kill("SIGTERM");
  return await running.ended;
}
