/** `tunnel --shield`: Kinde is answered at once, and its webhooks reach the app whatever happens to it or to us. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { createWebhook } from "../relay/create-webhook.ts";
import { hang } from "./app.ts";
import { createProject, errorsOf, recordsOf, type TestProject } from "./project.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

const shielded = ({ directory }: Pick<TestProject, "directory">): string => join(directory, "shielded");

describe("people", () => {
  test("see that the shield is on, each attempt, when the next is, and a repeat that the app does not get", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver({ answers: [500, 200] });
    const args = [`${app.port}`, "--shield", "--retry-schedule", "1s", "--issuer", project.kinde.issuer];
    await using tunnel = await project.show(args);
    await tunnel.line(/^ {2}answers Kinde 200 at once, and tries your app again itself \(--shield\)$/);
    const token = project.kinde.signWebhook("user.created");
    expect(await project.kinde.deliver(tunnel.url, token, { webhookId: "wh-1" })).toMatchObject({
      status: 200,
      body: "",
    });
    await tunnel.line(/◂ 500 .* next attempt in (?:1\.0|0\.\d) s$/);
    expect((await project.kinde.deliver(tunnel.url, token, { webhookId: "wh-1" })).status).toBe(200);
    await tunnel.line(/▸ user\.created {2}not passed on, answered 200: a repeat/);
    await tunnel.line(/▸ user\.created .* attempt 2$/);
    await tunnel.line(/◂ 200 /);
    const result = await tunnel.stop();
    expect([result.code, errorsOf(result)]).toEqual([
      130,
      expect.stringMatching(/^Kinde keeps calling this URL: until the next/),
    ]);
    expect(app.requests).toHaveLength(2);
    expect(readdirSync(shielded(project))).toEqual([]);
  });

  test("are told at Ctrl-C what waits, and the next tunnel says that it goes on with it: with a shield or without", async () => {
    await using project = await createTunnelProject();
    let status = 500;
    await using app = await startReceiver({ answers: [(response) => void response.writeHead(status).end()] });
    // As many as a schedule may have: on a busy machine more than one attempt may come before Ctrl-C does.
    const shield = ["--shield", "--retry-schedule", Array(20).fill("500ms").join()];
    const args = [`${app.port}`, "--issuer", project.kinde.issuer];
    await using first = await project.show([...args, ...shield]);
    await project.kinde.deliver(first.url, project.kinde.signWebhook("user.created"), { webhookId: "wh-1" });
    await first.line(/◂ 500 /);
    const told =
      "1 webhook waits for its next attempt: the next `kinde-devhook tunnel` of this project goes on with it.";
    expect((await first.stop()).stderr).toContain(told);
    expect(readdirSync(shielded(project))).toHaveLength(1);

    // What a tunnel has taken over is none of a mock's.
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    mock.child.kill("SIGINT");
    expect((await mock.ended).stderr).not.toContain("pending");

    await using second = await project.show([...args, ...shield]);
    const goingOn =
      /^Going on with 1 webhook that Kinde was answered 200 for: it is still to be delivered, to http:.*\/api\/webhook\.$/;
    await second.line(goingOn);
    await second.line(/▸ user\.created .* attempt \d+$/);
    expect((await second.stop()).stderr).toContain(told);
    status = 200;
    await using third = await project.show(args);
    await third.line(goingOn);
    await third.line(/◂ 200 /);
    expect((await third.stop()).stderr).not.toContain("wait");
    const [one, ...others] = app.requests;
    for (const { body, headers } of others) {
      expect(body).toEqual(one!.body);
      expect(headers["webhook-id"]).toBe("wh-1");
    }
    const delivery = readHistory(project).at(-1)!;
    expect(delivery).toMatchObject({ direction: "relayed", state: "delivered" });
    expect(delivery.attempts.length).toBeGreaterThanOrEqual(3);
    // One delivery from tunnel to tunnel, whose last attempt was the one that the app took.
    expect(delivery.attempts.map(({ number, status: answered }) => [number, answered])).toEqual(
      app.requests.map((_, index) => [index + 1, index + 1 === app.requests.length ? 200 : 500]),
    );
  }, 60_000);

  test("whose app is not there are told that it is tried again from here", async () => {
    await using project = await createTunnelProject();
    const port = await findFreePort();
    await using tunnel = await project.show([`${port}`, "--shield", "--issuer", project.kinde.issuer]);
    await tunnel.line(/nothing listens at .*: webhooks are kept here, and tried again/);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    const hint = await tunnel.line(/is your app running/);
    expect(hint).toContain("it is tried again from here");
  });
});

test("programs see the attempts with when the next is, repeats as skipped, and nothing of cookies", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500, 200] });
  const args = [
    `${app.port}`,
    "--shield",
    "--retry-schedule",
    "200ms,200ms",
    "--issuer",
    project.kinde.issuer,
  ];
  await using tunnel = await project.open(args);
  expect(tunnel.ready).toMatchObject({ shield: true });
  const token = project.kinde.signWebhook("user.created");
  const sent = { webhookId: "wh-1", headers: { cookie: "a=secret" } };
  await project.kinde.deliver(tunnel.url, token, sent);
  await tunnel.line(/"state":"delivered"/);
  await project.kinde.deliver(tunnel.url, token, sent);
  const result = await tunnel.stop();
  expect(recordsOf(result, "delivery")).toMatchObject([
    { state: "pending", nextAttemptAt: expect.any(String) as string, attempts: [{ number: 1, status: 500 }] },
    { state: "delivered", nextAttemptAt: null, attempts: [{}, { number: 2, plannedDelayMs: 200 }] },
  ]);
  expect(recordsOf(result, "skipped")).toMatchObject([
    {
      webhookId: "wh-1",
      event: { type: "user.created" },
      reason: expect.stringContaining("repeat") as string,
    },
  ]);
  expect(app.requests.map(({ headers }) => headers.cookie)).toEqual(["a=secret", "a=secret"]);
  expect(result.stdout + JSON.stringify(readHistory(project))).not.toContain("a=secret");
});

test("what is under way at Ctrl-C has its moment, and waits for the next tunnel when that is not enough", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [hang, 200] });
  const args = [`${app.port}`, "--shield", "--issuer", project.kinde.issuer];
  await using tunnel = await project.open(args);
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  await app.next();
  const result = await tunnel.stop();
  expect(result.code).toBe(130);
  expect(result.stderr).toContain("1 webhook waits for its next attempt");
  await using next = await project.open(args);
  await next.line(/"state":"delivered"/);
  expect(app.requests[1]?.body).toEqual(app.requests[0]?.body);
});

test("a disk that can't keep it: Kinde gets 503 and tries again, and the warning comes once", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  project.write(".kinde-devhook/shielded", "no directory");
  await using tunnel = await project.open([`${app.port}`, "--shield", "--issuer", project.kinde.issuer]);
  const token = project.kinde.signWebhook("user.created");
  for (const webhookId of ["wh-1", "wh-2"]) {
    const answer = await project.kinde.deliver(tunnel.url, token, { webhookId });
    expect(answer).toMatchObject({ status: 503, body: "", headers: { "retry-after": "5" } });
  }
  expect(app.requests).toEqual([]);
  rmSync(shielded(project));
  expect((await project.kinde.deliver(tunnel.url, token, { webhookId: "wh-1" })).status).toBe(200);
  await app.next();
  await tunnel.line(/"state":"delivered"/);
  const result = await tunnel.stop();
  expect(recordsOf(result, "refused").map(({ code, status }) => [code, status])).toEqual([
    ["ERR_NOT_KEPT", 503],
    ["ERR_NOT_KEPT", 503],
  ]);
  const warnings = recordsOf(result, "warning").map(({ message }) => message);
  expect(warnings.filter((message) => message.includes("answered 503"))).toHaveLength(1);
});

test("killed again and again at any moment, every webhook that was answered 200 reaches the app", async () => {
  using project = await createProject();
  const attempts = new Map<string, number>();
  const delivered = new Set<string>();
  await using app = await startReceiver({
    answers: [
      (response, { headers }) => {
        const id = String(headers["webhook-id"]);
        const made = (attempts.get(id) ?? 0) + 1;
        attempts.set(id, made);
        // Each is refused a few times, by its number.
        const isWell = made > Number(id.slice(3)) % 3;
        if (isWell) delivered.add(id);
        response.writeHead(isWell ? 200 : 500).end();
      },
    ],
  });
  const intakePort = await findFreePort();
  const through = ["--public-url", `http://localhost:${intakePort}`, "--intake-port", `${intakePort}`];
  const schedule = ["--retry-schedule", "50ms,100ms,200ms,400ms,1s,1s"];
  const args = ["tunnel", `${app.port}`, ...through, "--shield", ...schedule];
  const random = createRandom(20_260_802);
  const answered = new Set<string>();
  let sent = 0;
  for (let round = 0; round < 10; round++) {
    await using tunnel = project.start(args);
    await tunnel.line(/^ready/);
    const killed = new AbortController();
    const posting = [0, 1, 2, 3].map(async () => {
      while (!killed.signal.aborted) {
        const webhookId = `wh-${sent++}`;
        if ((await post(intakePort, webhookId)) === 200) answered.add(webhookId);
      }
    });
    const before = answered.size;
    const wanted = before + 1 + random(60);
    await expect.poll(() => answered.size, { interval: 1, timeout: 10_000 }).toBeGreaterThanOrEqual(wanted);
    tunnel.child.kill("SIGKILL");
    killed.abort();
    await Promise.all([tunnel.ended, ...posting]);
  }
  await using last = project.start(args);
  await last.line(/^ready/);
  const missing = (): string[] => [...answered].filter((id) => !delivered.has(id));
  await expect.poll(missing, { timeout: 15_000 }).toEqual([]);
  expect(answered.size).toBeGreaterThan(10);
}, 120_000);

/** @returns the status, if there was an answer */
async function post(port: number, webhookId: string): Promise<number | undefined> {
  try {
    const { status } = await requestPublic(`http://127.0.0.1:${port}/api/webhook`, {
      method: "POST",
      headers: { "content-type": "application/jwt", "webhook-id": webhookId },
      body: createWebhook(),
    });
    return status;
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
