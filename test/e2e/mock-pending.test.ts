/** What a mock has not delivered when it ends, by Ctrl-C or by kill -9: the next one goes on with it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { claimsOf } from "./app.ts";
import { createProject, type TestProject } from "./project.ts";

const hour = 3_600_000;

/** The states in which deliveries last were, in all the files there are, by event id. */
function pendingEvents({ directory }: TestProject): Set<string> {
  const path = join(directory, "pending");
  const latest = new Map<string, { readonly state: string; readonly event: { readonly id: string } }>();
  for (const name of existsSync(path) ? readdirSync(path) : []) {
    for (const line of readFileSync(join(path, name), "utf8").split("\n")) {
      if (!line.endsWith("}")) continue;
      const delivery = JSON.parse(line) as { id: string; state: string; event: { id: string } };
      latest.set(delivery.id, delivery);
    }
  }
  return new Set(
    [...latest.values()].filter(({ state }) => state === "pending").map(({ event }) => event.id),
  );
}

describe("Ctrl-C", () => {
  test("keeps what is pending and says so; the next mock says so, and delivers it", async () => {
    using project = await createProject();
    let status = 500;
    await using app = await startReceiver({ answers: [(response) => void response.writeHead(status).end()] });
    const args = ["mock", "--webhook", app.url, "--speed", "5"];
    await using first = project.start(args);
    await first.line(/^ready/);
    expect((await project.run(["emit", "user.created"])).code).toBe(1);
    first.child.kill("SIGINT");
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(
      "1 delivery still pending: the next `kinde-devhook mock` goes on with it.",
    );
    const { body } = app.requests[0]!;
    expect(pendingEvents(project)).toEqual(new Set([claimsOf({ body }).event_id]));

    status = 200;
    await using second = project.start(args);
    await second.line(/^1 delivery pending from before, to http:.*: attempted again when due/);
    await second.line(/◂ 200/);
    expect(app.requests.at(-1)?.body).toEqual(body);
    expect(app.requests.at(-1)?.headers["webhook-id"]).toBe(app.requests[0]?.headers["webhook-id"]);
    second.child.kill("SIGINT");
    expect((await second.ended).stderr).not.toContain("pending:");
    expect(readdirSync(join(project.directory, "pending"))).toEqual([]);
  });

  test("leaves nothing to a mock that is told not to go on: it is called off, and the app hears no more", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const args = ["mock", "--webhook", app.url, "--speed", "5"];
    await using first = project.start(args);
    await first.line(/^ready/);
    await project.run(["emit", "user.created"]);
    first.child.kill("SIGINT");
    await first.ended;
    const heard = app.requests.length;
    await using second = project.start([...args, "--no-resume"]);
    await second.line(/▸ user\.created .*called off/);
    await second.line(/^ready/);
    second.child.kill("SIGINT");
    expect((await second.ended).stderr).not.toContain("pending");
    expect(pendingEvents(project)).toEqual(new Set());
    expect(app.requests).toHaveLength(heard);
  });

  test("gives an attempt under way its moment, and keeps it when that is not enough", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [() => {}, 200] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    await using emit = project.start(["emit", "user.created"]);
    const { body } = await app.next();
    mock.child.kill("SIGINT");
    expect((await mock.ended).stderr).toContain("1 delivery still pending");
    await emit.ended;
    await using again = project.start(["mock", "--webhook", app.url]);
    await again.line(/◂ 200/);
    expect((await app.next()).body).toEqual(body);
  });
});

test("what is too old for Kinde is given up at the start, told and kept in history", async () => {
  using project = await createProject();
  const createdAt = new Date(Date.now() - 37 * hour).toISOString();
  const attempts = [sampleAttempt({ status: 500, startedAt: createdAt })];
  const { token, ...rest } = sampleDelivery({ createdAt, attempts, nextAttemptAt: createdAt });
  project.write(".kinde-devhook/pending/left.ff.ndjson", `${JSON.stringify({ ...rest, token })}\n`);
  await using mock = project.start(["mock"]);
  await mock.line(/^ready/);
  expect(await mock.line(/given up/)).toMatch(/user\.created.*given up: too old/);
  const { token: control = "" } = project.readRunFile() ?? {};
  const { json } = await ask(project.issuerPort, `/_devhook/api/deliveries/${rest.id}`, {
    headers: { authorization: `Bearer ${control}` },
  });
  expect(json).toMatchObject({ delivery: { state: "failed", failedReason: "abandoned" } });
  mock.child.kill("SIGINT");
  expect((await mock.ended).code).toBe(130);
  expect(readdirSync(join(project.directory, "pending"))).toEqual([]);
});

test("killed again and again at any moment, every event that was taken is delivered, and nothing is left", async () => {
  using project = await createProject();
  const random = createRandom(20_260_801);
  const attempts = new Map<string, number>();
  const delivered = new Set<string>();
  await using app = await startReceiver({
    answers: [
      (response, request) => {
        const id = claimsOf(request).event_id;
        const made = (attempts.get(id) ?? 0) + 1;
        attempts.set(id, made);
        // Each event is refused a few times, by the last digit of its id.
        const isWell = made > Number.parseInt(id.at(-1)!, 16) % 4;
        if (isWell) delivered.add(id);
        response.writeHead(isWell ? 200 : 500).end();
      },
    ],
  });
  const taken: string[] = [];
  for (let round = 0; round < 8; round++) {
    await using mock = project.start(["mock", "--webhook", app.url, "--speed", "600"]);
    await mock.line(/^ready/);
    const emitting = Array.from({ length: 5 }, () => emitThrough(project));
    // At its start, among the first attempts, or among those that are resumed and retried.
    await Promise.all(emitting.slice(0, random(emitting.length + 1)));
    for (let turn = random(150); turn > 0; turn--) await ask(project.issuerPort, "/_devhook/api/health");
    mock.child.kill("SIGKILL");
    await mock.ended;
    for (const id of await Promise.all(emitting)) if (id !== undefined) taken.push(id);
  }
  expect(taken.length).toBeGreaterThan(0);

  await using last = project.start(["mock", "--webhook", app.url, "--speed", "600"]);
  await last.line(/^ready/);
  await expect.poll(() => pendingEvents(project), { timeout: 20_000 }).toEqual(new Set());
  const missing = [...taken, ...attempts.keys()].filter((id) => !delivered.has(id));
  expect(missing).toEqual([]);
  last.child.kill("SIGINT");
  expect((await last.ended).stderr).not.toContain("still pending");
  expect(readdirSync(join(project.directory, "pending"))).toEqual([]);
}, 120_000);

/** @returns the id of the event, if the mock has told it before it was killed */
async function emitThrough(project: TestProject): Promise<string | undefined> {
  const { token = "" } = project.readRunFile() ?? {};
  try {
    const { json } = await ask(project.issuerPort, "/_devhook/api/emit", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: `{"type":"user.created"}`,
    });
    return (json as { deliveries: { event: { id: string } }[] }).deliveries[0]?.event.id;
  } catch {
    return undefined;
  }
}

/** Whole numbers below a limit, the same from the same seed. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % limit;
  };
}
