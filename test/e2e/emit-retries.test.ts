/** `emit --retries`, on its own and through a running mock, and `--speed`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { createProject, recordsOf, type TestProject } from "./project.ts";

function pendingFiles({ directory }: TestProject): string[] {
  return readdirSync(join(directory, "pending"));
}

describe("emit --retries", () => {
  test("delivers on a later attempt, tells each, and exits with 0", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 204, 200] });
    const args = ["emit", "user.created", "--to", app.url, "--retries", "--speed", "3600"];
    const result = await project.run([...args, "--json"]);
    expect(result.code).toBe(0);
    const deliveries = recordsOf(result, "delivery");
    expect(deliveries.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ["pending", 1],
      ["pending", 2],
      ["delivered", 3],
    ]);
    expect(deliveries.map(({ nextAttemptAt }) => nextAttemptAt !== null)).toEqual([true, true, false]);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 1, delivered: 1, failed: 0 }]);
    expect(new Set(app.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(app.requests.map(({ body }) => body.toString())).size).toBe(1);
    expect(pendingFiles(project)).toEqual([]);
  });

  test("says for people when the next attempt is due, and which attempt it was", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 200] });
    const result = await project.run([
      "emit",
      "user.created",
      "--to",
      app.url,
      "--retries",
      "--speed",
      "100",
    ]);
    expect(result.code).toBe(0);
    const lines = result.stdout.split("\n");
    expect(lines.find((line) => line.includes("◂ 500"))).toMatch(/next attempt in 0\.\d s$/);
    expect(lines.find((line) => line.includes("attempt 2"))).toMatch(/▸ user\.created/);
    expect(lines.find((line) => line.includes("◂ 200"))).not.toContain("next attempt");
  });

  test("gives up after nine attempts, says so, and exits with 1", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const args = ["emit", "user.created", "--to", app.url, "--retries", "--speed", "100000"];
    const result = await project.run(args);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain("given up: no attempt is left");
    expect(app.requests).toHaveLength(9);
    expect(pendingFiles(project)).toEqual([]);
  });

  test("of many follows each to its end, and counts them once", async () => {
    using project = await createProject();
    const seen = new Map<string, number>();
    await using app = await startReceiver({
      answers: [
        (response, { body }) => {
          const times = (seen.get(body.toString()) ?? 0) + 1;
          seen.set(body.toString(), times);
          response.writeHead(times === 3 ? 200 : 500).end();
        },
      ],
    });
    const args = ["emit", "user.created", "role.created", "--count", "20", "--to", app.url];
    const result = await project.run([...args, "--retries", "--speed", "10000", "--json"]);
    expect(result.code).toBe(0);
    // No warning of Node's, for one.
    expect(result.stderr).toMatch(/^→ .*\n$/);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 40, delivered: 40, failed: 0 }]);
    expect([...seen.values()]).toEqual(Array(40).fill(3));
  });

  test("at Ctrl-C calls off what waits, and leaves nothing behind", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--retries", "--json"]);
    await emit.line(/"state":"pending"/);
    emit.child.kill("SIGINT");
    const result = await emit.ended;
    expect(result.code).toBe(130);
    expect(recordsOf(result, "delivery").at(-1)).toMatchObject({
      state: "failed",
      failedReason: "cancelled",
    });
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 1, failed: 1 }]);
    expect(pendingFiles(project)).toEqual([]);
    expect(app.requests).toHaveLength(1);
  });

  test("killed leaves it to the next mock of the project, which delivers it", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [hang, 200] });
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--retries"]);
    const { body } = await app.next();
    emit.child.kill("SIGKILL");
    await emit.ended;
    expect(pendingFiles(project)).toHaveLength(1);
    await using mock = project.start(["mock"]);
    await mock.line(/1 delivery pending from before/);
    expect((await app.next()).body).toEqual(body);
    await mock.line(/◂ 200/);
    mock.child.kill("SIGINT");
    expect((await mock.ended).code).toBe(130);
    expect(pendingFiles(project)).toEqual([]);
  });
});

describe("emit through a running mock", () => {
  test("ends after the first attempt, with 1 when it was refused; the mock goes on", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 500, 200] });
    await using mock = project.start(["mock", "--webhook", app.url, "--speed", "50"]);
    await mock.line(/^ready/);
    const refused = await project.run(["emit", "user.created"]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/◂ 500 .*next attempt in/);
    await mock.line(/attempt 3/);
    await mock.line(/◂ 200/);
    expect((await project.run(["emit", "user.created"])).code).toBe(0);
  });

  test("with --retries follows it to the end: delivered, 0", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 500, 200] });
    await using mock = project.start(["mock", "--webhook", app.url, "--speed", "1000"]);
    await mock.line(/^ready/);
    const result = await project.run(["emit", "user.created", "--retries", "--json"]);
    expect(result.code).toBe(0);
    expect(recordsOf(result, "delivery").at(-1)).toMatchObject({
      state: "delivered",
      attempts: [{ status: 500 }, { status: 500 }, { status: 200 }],
    });
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 1, delivered: 1, failed: 0 }]);
  });

  test("with --retries follows it to the end: exhausted, 1", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    await using mock = project.start(["mock", "--webhook", app.url, "--speed", "100000"]);
    await mock.line(/^ready/);
    const result = await project.run(["emit", "user.created", "--retries", "--json"]);
    expect(result.code).toBe(1);
    expect(recordsOf(result, "delivery").at(-1)).toMatchObject({ failedReason: "exhausted" });
    expect(app.requests).toHaveLength(9);
  });

  test("with --retries ends when the mock does, and does not call it delivered", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    await using emit = project.start(["emit", "user.created", "--retries", "--json"]);
    await emit.line(/"state":"pending"/);
    mock.child.kill("SIGINT");
    await mock.ended;
    const result = await emit.ended;
    expect(result.code).toBe(1);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 1, delivered: 0 }]);
  });
});

describe("--speed", () => {
  test.each([
    ["of 0", ["emit", "user.created", "--retries", "--speed", "0"], "a number above 0"],
    ["that is no number", ["emit", "user.created", "--retries", "--speed", "x"], `"x"`],
    ["below 0", ["emit", "user.created", "--retries", "--speed=-1"], `"-1"`],
    ["above a million", ["emit", "user.created", "--retries", "--speed", "1000001"], "1000000"],
    ["without a value", ["emit", "user.created", "--retries", "--speed"], "--speed"],
    ["without --retries", ["emit", "user.created", "--speed", "60"], "--retries beside it"],
    ["of 0 of a mock", ["mock", "--speed", "0"], "a number above 0"],
    ["of a mock that is no number", ["mock", "--speed", "fast"], `"fast"`],
    ["of a mock in another spelling", ["mock", "--speed", "1e3"], `"1e3"`],
  ])("%s is refused with 2, and nothing is delivered", async (_, args, message) => {
    using project = await createProject();
    await using app = await startReceiver();
    const result = await project.run(args, { env: { KINDE_DEVHOOK_FORWARD: app.url } });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^error .*--speed.*\(ERR_INVALID_OPTION\)\n$/);
    expect(result.stderr).toContain(message);
    expect(result.stdout).toBe("");
    expect(app.requests).toHaveLength(0);
  });

  test("beside a running mock, which has a clock of its own, is refused with 2", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    const result = await project.run(["emit", "user.created", "--retries", "--speed", "60"]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("--speed");
    expect(result.stderr).toContain(`pid ${mock.child.pid}`);
    expect(app.requests).toHaveLength(0);
  });

  test("that a project sets is the mock's, and no mistake of emit's", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500, 500, 200] });
    project.write("package.json", JSON.stringify({ "kinde-devhook": { speed: 1000, webhook: app.url } }));
    expect((await project.run(["emit", "user.created", "--to", app.url])).code).toBe(1);
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    expect((await project.run(["emit", "user.created", "--retries"])).code).toBe(0);
    expect(app.requests).toHaveLength(3);
  });
});
