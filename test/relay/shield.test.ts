import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { requestBytes } from "../attacks/attack.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { send } from "../../src/delivery/send.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { startReceiver, type ReceivedRequest } from "../helpers/receiver.ts";
import { openShieldedOf } from "../history/pending-of.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntake } from "./test-intake.ts";
import { openTestShield } from "./test-shield.ts";
import { headerOf, openWire, type WireAnswer } from "./wire.ts";

const hour = 3_600_000;
const soon = [0, 1, 1];

async function post(
  { port }: TestIntake,
  { token = createWebhook(), webhookId = "wh-1", ...parts }: Partial<Posted> = {},
): Promise<WireAnswer> {
  using wire = await openWire(port);
  const headers = { "webhook-id": webhookId ?? undefined };
  await wire.write(requestBytes({ ...parts, headers, body: token }));
  return (await wire.answer())!;
}

interface Posted {
  readonly token: string | Buffer;
  readonly webhookId: string | null;
  readonly target: string;
  readonly lines: readonly string[];
}

const linesOf = ({ rawHeaders }: ReceivedRequest): string[] =>
  rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));

describe("a webhook that is taken over", () => {
  test("is answered 200 with an empty body while the app is still at work", async () => {
    using project = createTemporaryProject();
    let release = (): void => {};
    const answer = (response: { end: () => void }): void => void (release = () => response.end());
    await using app = await startReceiver({ answers: [answer] });
    await using shield = openTestShield(project);
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    const token = createWebhook();
    expect(await post(intake, { token })).toMatchObject({ status: 200, body: { length: 0 } });
    expect((await app.next()).body.toString()).toBe(token);
    expect(shield.pending()).toMatchObject([{ webhookId: "wh-1", state: "pending", attempts: [] }]);
    release();
    expect(await shield.changed(1)).toMatchObject({
      direction: "relayed",
      endpoint: app.url,
      verification: { status: "verified" },
      state: "delivered",
      attempts: [{ number: 1, status: 200 }],
    });
    // The sender's request is none of the app's.
    expect([intake.begun, intake.kept, shield.failures]).toEqual([[], [], []]);
  });

  test("is answered only when the disk has it", async () => {
    using project = createTemporaryProject();
    let release = (): void => {};
    const synced = new Promise<void>((resolve) => (release = resolve));
    let syncs = 0;
    const sync = async (): Promise<void> => {
      syncs++;
      await synced;
    };
    await using app = await startReceiver();
    await using shield = openTestShield(project, { sync });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    let isAnswered = false;
    const answers = ["wh-1", "wh-1", "wh-2"].map(async (webhookId) => {
      const { status } = await post(intake, { webhookId });
      isAnswered = true;
      return status;
    });
    await expect.poll(() => syncs).toBe(1);
    // As long as a request and its answer take, many times over.
    for (let turns = 0; turns < 100; turns++) await turn();
    expect([isAnswered, app.requests.length]).toEqual([false, 0]);
    release();
    expect(await Promise.all(answers)).toEqual([200, 200, 200]);
    await shield.changed(2);
    expect(app.requests).toHaveLength(2);
  });

  test("is tried again by the schedule until the app takes it, and then it is given up", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500, 503, 200, 500] });
    await using shield = openTestShield(project, { schedule: soon });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake, { webhookId: "wh-1" });
    expect(await shield.changed(1)).toMatchObject({
      state: "pending",
      nextAttemptAt: expect.any(String) as string,
    });
    expect(await shield.changed(3)).toMatchObject({ state: "delivered", nextAttemptAt: null });
    await post(intake, { webhookId: "wh-2" });
    expect(await shield.changed(6)).toMatchObject({ state: "failed", failedReason: "exhausted" });
    expect(shield.pending()).toEqual([]);
    expect(app.requests.map(({ headers }) => headers["webhook-id"])).toEqual([
      ...Array<string>(3).fill("wh-1"),
      ...Array<string>(3).fill("wh-2"),
    ]);
  });

  test("goes by Kinde's schedule: nine attempts in 29 hours", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500] });
    const clock = createHeldClock(Date.now());
    await using shield = openTestShield(project, { clock, time: createScheduleClock(clock) });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake);
    await shield.changed(1);
    for (const [index, delayMs] of retrySchedule.entries()) {
      if (index === 0) continue;
      await clock.advance(delayMs - 1);
      expect(app.requests).toHaveLength(index);
      await clock.advance(1);
      const { attempts } = await shield.changed(index + 1);
      expect(attempts.at(-1)).toMatchObject({ number: index + 1, plannedDelayMs: delayMs });
    }
    expect(shield.changes.map(({ failedReason }) => failedReason)).toEqual([
      ...Array<null>(8).fill(null),
      "exhausted",
    ]);
  });

  test("goes to every forward that wants it, each on its own, to the path that was called", async () => {
    using project = createTemporaryProject();
    await using one = await startReceiver({ answers: [500, 200] });
    await using two = await startReceiver();
    await using shield = openTestShield(project, { schedule: soon });
    const forwards = [
      `user.*=${one.port}/users`,
      `127.0.0.1:${two.port}`,
      `role.*=${two.port}/roles`,
      two.url,
    ];
    await using intake = await startTestIntake({ forwards, shield });
    await post(intake, { target: "/api/webhook" });
    await shield.changed(3);
    expect(one.requests.map(({ url }) => url)).toEqual(["/users", "/users"]);
    // Two forwards that lead to one endpoint are one delivery.
    expect(two.requests.map(({ url }) => url)).toEqual(["/api/webhook"]);
  });

  test("that nothing wants is answered 200 and not kept", async () => {
    using project = createTemporaryProject();
    await using shield = openTestShield(project);
    await using intake = await startTestIntake({ forwards: ["role.*=3000"], shield });
    expect((await post(intake)).status).toBe(200);
    expect(intake.skipped).toMatchObject([{ reason: "no --forward wants this event type" }]);
    expect(shield.pending()).toEqual([]);
  });
});

describe("what the app gets", () => {
  test("is every header as it came, the tunnel's own, and the user's in their place", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver();
    await using shield = openTestShield(project, { headers: [["user-agent", "mine"]] });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake, {
      lines: ["X-Twice: a", "x-twice: b", "Cookie: a=secret", "User-Agent: Kinde", "x-latin: caf\u00e9"],
    });
    expect(linesOf(await app.next())).toEqual([
      `host: 127.0.0.1:${app.port}`,
      "content-type: application/jwt",
      "webhook-id: wh-1",
      "X-Twice: a",
      "x-twice: b",
      "Cookie: a=secret",
      "x-latin: caf\u00e9",
      "x-forwarded-for: 127.0.0.1",
      "x-forwarded-host: devhook-attack.localtunnel.me",
      "x-forwarded-proto: https",
      "user-agent: mine",
      expect.stringMatching(/^content-length: \d+$/),
      expect.stringMatching(/^connection: keep-alive$/i),
    ]);
    const delivery = await shield.changed(1);
    expect(delivery.attempts[0]?.request.headers["cookie"]).toBe("[redacted]");
    expect(JSON.stringify(shield.changes)).not.toContain("a=secret");
  });

  test("is the same from the next process, to the byte, whatever the bytes are", async () => {
    using project = createTemporaryProject();
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await using app = await startReceiver({ answers: [500, 200] });
    // An hour ago: the next attempt is not due before the next process, and is by then.
    const clock = createHeldClock(Date.now() - hour);
    {
      await using shield = openTestShield(project, { clock, time: createScheduleClock(clock) });
      await using intake = await startTestIntake({ forwards: [app.url], shield, isUnverifiedFine: true });
      await post(intake, { token: body, lines: ["X-Mine: caf\u00e9"] });
      await shield.changed(1);
    }
    await using next = openTestShield(project);
    next.resume();
    await next.changed(1);
    const [first, second] = app.requests;
    expect([first?.body, second?.body]).toEqual([body, body]);
    expect(linesOf(second!)).toEqual(linesOf(first!));
    expect(next.changes).toMatchObject([{ state: "delivered", event: null, attempts: [{}, { number: 2 }] }]);
  });
});

describe("what is left by an earlier run", () => {
  test("waits until it is gone on with, and then for its time", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500, 200] });
    {
      await using shield = openTestShield(project);
      await using intake = await startTestIntake({ forwards: [app.url], shield });
      await post(intake);
      await shield.changed(1);
      await shield.end();
    }
    await using next = openTestShield(project);
    next.resume();
    expect(next.pending()).toMatchObject([{ webhookId: "wh-1", attempts: [{ status: 500 }] }]);
    // Due in 5 s by Kinde's schedule.
    expect(app.requests).toHaveLength(1);
  });

  test("is sent however old it is, and without its headers where these were edited to nonsense", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver();
    const file = openShieldedOf(project);
    const members = { endpoint: app.url, direction: "relayed" } as const;
    const createdAt = new Date(Date.now() - 37 * hour).toISOString();
    file.keep({ ...sampleDelivery({ ...members, id: "dlv_1", createdAt }), headers: [] });
    const now = new Date().toISOString();
    const edited = sampleDelivery({ ...members, id: "dlv_2", webhookId: "other", createdAt: now });
    file.keep({ ...edited, headers: "nonsense" as unknown as string[] });
    file.close();
    await using shield = openTestShield(project);
    shield.resume();
    const ends = [await shield.changed(1), await shield.changed(2)];
    expect(ends.map(({ id, state }) => `${id} ${state}`).toSorted()).toEqual([
      "dlv_1 delivered",
      "dlv_2 delivered",
    ]);
    expect(app.requests).toHaveLength(2);
  });
});

describe("what its sender repeats", () => {
  test("is answered 200 and not delivered again, while it waits and when the app has had it", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500, 200] });
    const clock = createHeldClock(Date.now());
    await using shield = openTestShield(project, { clock, time: createScheduleClock(clock) });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake);
    await shield.changed(1);
    expect((await post(intake)).status).toBe(200);
    await clock.advance(5_000);
    await shield.changed(2);
    expect((await post(intake)).status).toBe(200);
    expect(intake.skipped).toMatchObject([
      { webhookId: "wh-1", reason: expect.stringContaining("gets it from here") as string },
      { webhookId: "wh-1", reason: expect.stringContaining("has had") as string },
    ]);
    expect(app.requests).toHaveLength(2);
  });

  test("is told from what failed before it was taken over, in the next process too", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [500] });
    {
      await using shield = openTestShield(project);
      await using intake = await startTestIntake({ forwards: [app.url], shield });
      await post(intake);
      await shield.changed(1);
    }
    await using shield = openTestShield(project);
    // What Kinde was still trying has ended thus, when a shield took it over.
    const before = { state: "failed", failedReason: "cancelled" } as const;
    shield.recall([sampleDelivery({ webhookId: "wh-1", endpoint: app.url, ...before })]);
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake);
    expect(intake.skipped).toMatchObject([{ webhookId: "wh-1" }]);
  });

  test("is delivered to the endpoints that have not had it", async () => {
    using project = createTemporaryProject();
    await using one = await startReceiver();
    await using two = await startReceiver();
    await using shield = openTestShield(project);
    shield.recall([sampleDelivery({ webhookId: "wh-1", endpoint: one.url, state: "delivered" })]);
    await using intake = await startTestIntake({ forwards: [one.url, two.url], shield });
    await post(intake);
    expect(await shield.changed(1)).toMatchObject({ endpoint: two.url });
    expect(one.requests).toEqual([]);
  });

  test("is delivered each time without a webhook-id, and anew once it was given up", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver({ answers: [200, 200, 500] });
    await using shield = openTestShield(project, { schedule: [0, 1] });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    const token = createWebhook();
    for (let times = 0; times < 2; times++) await post(intake, { token, webhookId: null });
    await shield.changed(2);
    for (let times = 1; times <= 2; times++) {
      await post(intake, { token });
      expect(await shield.changed(2 + 2 * times)).toMatchObject({ failedReason: "exhausted" });
    }
    expect(intake.skipped).toEqual([]);
    expect(app.requests).toHaveLength(6);
  });
});

describe("what can't be kept", () => {
  test("is answered 503 and refused, for those who repeat it too, and is nobody's", async () => {
    using project = createTemporaryProject();
    await using app = await startReceiver();
    let isBroken = true;
    const sync = async (): Promise<void> => {
      await turn();
      if (isBroken) throw new Error("no space left on device");
    };
    await using shield = openTestShield(project, { sync });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    const refused = await Promise.all([post(intake), post(intake)]);
    for (const answer of refused) {
      expect([answer.status, headerOf(answer, "retry-after"), answer.body.length]).toEqual([503, "5", 0]);
    }
    expect(intake.refused).toMatchObject([
      { code: "ERR_NOT_KEPT", status: 503, reason: expect.stringContaining("no space left") as string },
      { code: "ERR_NOT_KEPT", status: 503 },
    ]);
    expect(intake.failures).toEqual([]);
    isBroken = false;
    expect((await post(intake)).status).toBe(200);
    await shield.changed(1);
    expect(app.requests).toHaveLength(1);
  });
});

test("what comes while too many wait for the app is answered 503, and taken when there is room", async () => {
  using project = createTemporaryProject();
  const clock = createHeldClock(Date.now());
  await using app = await startReceiver({ answers: [500, 500, 200] });
  await using shield = openTestShield(project, {
    clock,
    time: createScheduleClock(clock),
    maxWaiting: 2,
  });
  await using intake = await startTestIntake({ forwards: [app.url], shield });
  for (const webhookId of ["wh-1", "wh-2"]) expect((await post(intake, { webhookId })).status).toBe(200);
  await shield.changed(2);
  expect((await post(intake, { webhookId: "wh-3" })).status).toBe(503);
  // A repeat takes no room.
  expect((await post(intake, { webhookId: "wh-1" })).status).toBe(200);
  expect(intake.refused).toMatchObject([
    { code: "ERR_NOT_KEPT", reason: expect.stringContaining("too many wait") as string },
  ]);
  await clock.advance(5_000);
  await shield.changed(4);
  expect((await post(intake, { webhookId: "wh-3" })).status).toBe(200);
  await shield.changed(5);
});

test("a shield that is off passes on all but a repeat of what an earlier run took", async () => {
  using project = createTemporaryProject();
  await using app = await startReceiver({ answers: [500, 201] });
  {
    await using shield = openTestShield(project);
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake, { webhookId: "taken" });
    await shield.changed(1);
  }
  await using off = openTestShield(project, { isOn: false });
  off.recall([sampleDelivery({ webhookId: "delivered", endpoint: app.url, state: "delivered" })]);
  await using intake = await startTestIntake({ forwards: [app.url], shield: off });
  expect((await post(intake, { webhookId: "taken" })).status).toBe(200);
  expect((await post(intake, { webhookId: "delivered" })).status).toBe(201);
  expect((await post(intake, { webhookId: "new" })).status).toBe(201);
  expect(intake.kept.map(({ webhookId }) => webhookId)).toEqual(["delivered", "new"]);
});

test("at its close what is under way has its moment, and is the next one's when that is not enough", async () => {
  using project = createTemporaryProject();
  await using app = await startReceiver({ answers: [() => {}, 200] });
  {
    await using shield = openTestShield(project);
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake);
    await app.next();
    await shield.close(50);
    expect(await shield.changed(1)).toMatchObject({
      state: "pending",
      attempts: [{ error: { code: "ERR_ABORTED" } }],
    });
    // What is let in now is kept, and no longer attempted.
    expect((await post(intake, { webhookId: "late" })).status).toBe(200);
    expect(shield.pending()).toHaveLength(2);
    expect(app.requests).toHaveLength(1);
  }
  await using next = openTestShield(project);
  next.resume();
  await next.changed(2);
  expect(next.changes.map(({ webhookId, state }) => [webhookId, state])).toEqual(
    expect.arrayContaining([
      ["wh-1", "delivered"],
      ["late", "delivered"],
    ]),
  );
});

test("what waits keeps the first KiB of an app's answers, and what is told has the latest whole", async () => {
  using project = createTemporaryProject();
  const page = "<p>".repeat(10_000);
  await using app = await startReceiver({ answers: [(response) => void response.writeHead(500).end(page)] });
  {
    await using shield = openTestShield(project, { schedule: [0, 1, hour] });
    await using intake = await startTestIntake({ forwards: [app.url], shield });
    await post(intake);
    const [cut, whole] = (await shield.changed(2)).attempts.map(({ response }) => response);
    expect(cut).toMatchObject({ body: page.slice(0, 1024), truncated: true });
    expect(whole).toMatchObject({ body: page, truncated: false });
  }
  const [left] = openShieldedOf(project).claim();
  expect(left?.attempts.map(({ response }) => response?.body.length)).toEqual([1024, 1024]);
});

test("attempts a hundred at once at most, however many were answered", async () => {
  using project = createTemporaryProject();
  let underWay = 0;
  let most = 0;
  const counting: typeof send = async (...args) => {
    most = Math.max(most, ++underWay);
    try {
      return await send(...args);
    } finally {
      underWay--;
    }
  };
  await using app = await startReceiver();
  await using shield = openTestShield(project, { send: counting });
  await using intake = await startTestIntake({ forwards: [app.url], shield });
  const token = createWebhook();
  const wires = await Promise.all(Array.from({ length: 20 }, () => openWire(intake.port)));
  await Promise.all(
    wires.map(async (wire, index) => {
      for (let number = 0; number < 10; number++) {
        await wire.write(requestBytes({ headers: { "webhook-id": `${index}-${number}` }, body: token }));
        expect((await wire.answer())?.status).toBe(200);
      }
      wire[Symbol.dispose]();
    }),
  );
  await shield.changed(200);
  expect(most).toBeLessThanOrEqual(100);
  expect(new Set(app.requests.map(({ headers }) => headers["webhook-id"]))).toHaveLength(200);
});
