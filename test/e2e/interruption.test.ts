import { describe, expect, test } from "vitest";
import { startReceiver } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { createProject, recordsOf } from "./project.ts";

describe("Ctrl-C in the middle of many deliveries", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s ends with a summary of what was delivered, and %i", async (signal, code) => {
    using project = await createProject();
    await using app = await startReceiver();
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--count", "10000", "--json"]);
    while (app.requests.length < 100) await app.next();
    emit.child.kill(signal);
    const result = await emit.ended;

    expect(result.code).toBe(code);
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toHaveLength(result.records.length);
    const deliveries = recordsOf(result, "delivery");
    expect(deliveries.length).toBeGreaterThanOrEqual(99);
    expect(deliveries.length).toBeLessThan(10_000);
    expect(deliveries).toHaveLength(app.requests.length);
    expect(recordsOf(result, "summary")).toMatchObject([
      { total: deliveries.length, delivered: deliveries.length, failed: 0 },
    ]);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code, reason: signal });
    expect(project.readRunFile()).toBeUndefined();
  });

  test("tells people the summary and how far it came", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--count", "10000"]);
    while (app.requests.length < 10) await app.next();
    emit.child.kill("SIGINT");
    const { code, stdout, stderr } = await emit.ended;
    expect(code).toBe(130);
    const [, total] = /([\d,]+) deliveries: \1 delivered, 0 failed/.exec(stdout) ?? [];
    expect(Number(total?.replace(",", ""))).toBe(app.requests.length);
    expect(stderr).toContain(`Interrupted after ${total} of 10,000 deliveries.`);
  });

  test("cancels what the app does not answer within the moment it gets", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [hang] });
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--count", "10000", "--json"]);
    for (let request = 1; request <= 10; request++) await app.next();
    emit.child.kill("SIGINT");
    const result = await emit.ended;
    expect(result.code).toBe(130);
    const deliveries = recordsOf(result, "delivery");
    expect(deliveries).toHaveLength(10);
    expect(new Set(deliveries.map(({ failedReason }) => failedReason))).toEqual(new Set(["cancelled"]));
    expect(app.requests).toHaveLength(10);
  });

  test("twice ends at once", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [hang] });
    await using emit = project.start(["emit", "user.created", "--to", app.url, "--count", "10000", "--json"]);
    await app.next();
    // Signals that come before the first was seen are one.
    const again = setInterval(() => emit.child.kill("SIGINT"), 20);
    const result = await emit.ended.finally(() => clearInterval(again));
    expect(result.code).toBe(130);
    // Nobody waited for what was under way.
    expect(recordsOf(result, "summary")).toEqual([]);
  });
});

test("Ctrl-C between two events of a slow --rate does not wait for the next", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  await using emit = project.start([
    "emit",
    "user.created",
    "--to",
    app.url,
    "--count",
    "2",
    "--rate",
    "1/m",
    "--json",
  ]);
  await emit.line(/"delivery"/);
  emit.child.kill("SIGINT");
  const result = await emit.ended;
  expect(result.code).toBe(130);
  expect(recordsOf(result, "summary")).toMatchObject([{ total: 1 }]);
});

test("Ctrl-C while many are printed ends the printing", async () => {
  using project = await createProject();
  await using emit = project.start(["emit", "*", "--print", "token", "--count", "100000"]);
  await emit.line(/^ey/);
  emit.child.kill("SIGINT");
  const result = await emit.ended;
  expect(result.code).toBe(130);
});

test("what takes long is told: the answer that is waited for, and the end that is", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [hang] });
  await using emit = project.start(["emit", "user.created", "--to", app.url]);
  await emit.line(/^Waiting for the answer/);
  emit.child.kill("SIGINT");
  await emit.line(/^Stopping: .* Ctrl-C again ends at once/);
  expect((await emit.ended).code).toBe(130);
});
