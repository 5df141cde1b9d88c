/** `emit --fault`: what is sent, how the answer is judged, and what that does to the exit code. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faults, type FaultName } from "../../src/kinde/faults.ts";
import { correct, startHandler } from "../delivery/handlers.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, onlyDelivery, recordsOf } from "./project.ts";

const bin = join(process.cwd(), "dist/cli.js");
const emit = (fault: string, ...args: readonly string[]): string[] => [
  "emit",
  "user.updated",
  "--fault",
  fault,
  ...args,
];
const isPair = (fault: FaultName): boolean => fault === "duplicate" || fault === "reordered";

describe("a correct handler", () => {
  test.each(faults)("passes $name: exit 0", async ({ name, reason }) => {
    using project = await createProject();
    await using handler = await startHandler(project.issuer, correct);
    const result = await project.run(emit(name, "--to", handler.url.href, "--json"));
    const deliveries = recordsOf(result, "delivery").filter(({ state }) => state !== "pending");
    expect(deliveries.map(({ fault }) => fault)).toEqual(isPair(name) ? [name, name] : [name]);
    expect(new Set(deliveries.map(({ verdict }) => verdict))).toEqual(new Set(["pass"]));
    for (const { verification, attempts } of deliveries) {
      expect(verification).toMatchObject(reason === null ? { status: "verified" } : { reason });
      expect(attempts).toHaveLength(name === "cut-body" ? 2 : 1);
    }
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 0, reason: "done" }]);
    expect(result.code).toBe(0);
  });

  test("is told so, with what a correct one does", async () => {
    using project = await createProject();
    await using handler = await startHandler(project.issuer, correct);
    const { code, stdout, stderr } = await project.run(emit("bad-signature", "--to", handler.url.href));
    expect(stderr).toContain("fault bad-signature: One bit of its signature is wrong.");
    expect(stdout).toMatch(/▸ user\.updated .* ERR_BAD_SIGNATURE {2}fault bad-signature\n/);
    expect(stdout).toMatch(/◂ 400 .*\n +✓ right answer {2}a correct handler refuses it with 4xx/);
    expect(code).toBe(0);
  });

  test("passes what a running mock delivers: there and here", async () => {
    using project = await createProject();
    await using handler = await startHandler(project.issuer, correct);
    await using mock = project.start(["mock", "--webhook", handler.url.href, "--json"]);
    await mock.line(/"ready"/);
    const refused = await project.run(emit("tampered-claims", "--json"));
    expect(onlyDelivery(refused)).toMatchObject({ fault: "tampered-claims", verdict: "pass" });
    expect(onlyDelivery(refused)).toMatchObject({ state: "failed", nextAttemptAt: null });
    const taken = await project.run(emit("duplicate", "--json"));
    expect(recordsOf(taken, "summary")).toMatchObject([{ total: 2, delivered: 2 }]);
    expect([refused.code, taken.code]).toEqual([0, 0]);
    expect(handler.acted).toEqual(["user.updated"]);
    mock.child.kill("SIGINT");
    const told = recordsOf(await mock.ended, "delivery").map(({ fault, verdict }) => [fault, verdict]);
    expect(told).toEqual([
      ["tampered-claims", "pass"],
      ["duplicate", "pass"],
      ["duplicate", "pass"],
    ]);
  });

  test.each<[string, (url: string) => string[], (url: string) => string[]]>([
    ["its webhooks", (url) => ["--webhook", url], () => []],
    ["--to", () => [], (url) => ["--to", url]],
  ])("passes what is emitted inside a run, to %s", async (_where, forRun, forEmit) => {
    using project = await createProject();
    await using handler = await startHandler(project.issuer, correct);
    const { href } = handler.url;
    const command = [process.execPath, bin, ...emit("foreign-key", ...forEmit(href))];
    const args = ["run", "--port", `${project.issuerPort}`, ...forRun(href), "--", ...command];
    const { code, stdout } = await project.run(args);
    expect(stdout).toContain("✓ right answer");
    expect(code).toBe(0);
  });
});

describe("a handler that", () => {
  const [pass, fail] = ["pass", "fail"];

  test.each([
    ["takes all", 200, { refuse: fail, either: pass, accept: pass }],
    ["refuses all", 400, { refuse: pass, either: pass, accept: fail }],
    ["answers 500", 500, { refuse: fail, either: fail, accept: fail }],
    ["redirects", 302, { refuse: fail, either: fail, accept: fail }],
  ] as const)("%s is judged by the catalogue, and so is the exit code", async (_, status, verdicts) => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [status] });
    const samples = ["bad-signature", "missing-kid", "stale-timestamp", "cut-body"] as const;
    for (const name of samples) {
      const { expects } = faults.find((fault) => fault.name === name)!;
      const result = await project.run(emit(name, "--to", app.url, "--json"));
      expect([name, recordsOf(result, "delivery").at(-1)?.verdict]).toEqual([name, verdicts[expects]]);
      expect([name, result.code]).toEqual([name, verdicts[expects] === pass ? 0 : 1]);
    }
  });

  test("stays away is wrong, however no answer can be had", async () => {
    using project = await createProject();
    for (const name of ["bad-signature", "cut-body"]) {
      const result = await project.run(emit(name, "--to", "http://127.0.0.1:1/", "--json"));
      expect([result.code, recordsOf(result, "delivery").at(-1)?.verdict]).toEqual([1, fail]);
    }
  });

  test("answers one of two wrongly is wrong", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [200, 409] });
    const result = await project.run(emit("duplicate", "--to", app.url, "--json"));
    expect(recordsOf(result, "delivery").map(({ verdict }) => verdict)).toEqual([pass, fail]);
    expect(result.code).toBe(1);
  });

  test("is wrong is told what the right answer is", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const { code, stdout } = await project.run(emit("unknown-event-type", "--to", app.url));
    expect(stdout).toMatch(
      /✕ wrong answer {2}a correct handler answers 200 .* But this one answered 500\.\n/,
    );
    expect(code).toBe(1);
  });
});

test.each(["duplicate", "reordered"])("--count 3 of %s is six deliveries", async (name) => {
  using project = await createProject();
  await using app = await startReceiver();
  const args = emit(name, "--count", "3", "--concurrency", "1", "--to", app.url);
  const result = await project.run([...args, "--json"]);
  expect(app.requests).toHaveLength(6);
  expect(recordsOf(result, "delivery").map(({ verdict }) => verdict)).toEqual(Array(6).fill("pass"));
  expect(recordsOf(result, "summary")).toMatchObject([
    { total: 6, delivered: 6, failed: 0, verdicts: { pass: 6, fail: 0 } },
  ]);
  const ids = app.requests.map(({ headers }) => headers["webhook-id"]);
  expect(new Set(ids).size).toBe(name === "duplicate" ? 3 : 6);
  expect((await project.run(args)).stdout).toMatch(/^6 deliveries: 6 right answers, 0 wrong/m);
});

test("a setting names the fault as well", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const env = { KINDE_DEVHOOK_FAULT: "empty-body" };
  const result = await project.run(["emit", "user.updated", "--to", app.url, "--json"], { env });
  expect(onlyDelivery(result)).toMatchObject({ fault: "empty-body", verdict: "fail" });
  expect(app.requests.map(({ body }) => body.length)).toEqual([0]);
});

describe("bad input ends with 2 before anything is sent:", () => {
  test.each<[string, string[], string, RegExp]>([
    ["an unknown fault", emit("bad-signatur"), "ERR_UNKNOWN_FAULT", /Did you mean "bad-signature"\?/],
    ["a fault that every object has", emit("constructor"), "ERR_UNKNOWN_FAULT", /tampered-claims, /],
    ["no fault", ["emit", "user.updated", "--fault"], "ERR_INVALID_OPTION", /--fault/],
    ["--retries beside it", emit("duplicate", "--retries"), "ERR_INVALID_OPTION", /sent once/],
    ["--expect beside it", emit("duplicate", "--expect", "409"), "ERR_INVALID_OPTION", /right answer/],
    ["--speed beside it", emit("duplicate", "--speed", "60"), "ERR_INVALID_OPTION", /--retries/],
  ])("%s", async (_, args, code, sentence) => {
    using project = await createProject();
    await using app = await startReceiver();
    const result = await project.run([...args, "--json"], { env: { KINDE_DEVHOOK_FORWARD: app.url } });
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 2, reason: code }]);
    expect(result.stderr).toMatch(sentence);
    expect([result.code, app.requests]).toEqual([2, []]);
  });
});
