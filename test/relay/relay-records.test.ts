import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { requestBytes } from "../attacks/attack.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntake } from "./test-intake.ts";
import { openWire, type WireAnswer } from "./wire.ts";

async function post(
  { port }: TestIntake,
  { token = createWebhook(), webhookId = "wh-1" }: { token?: string; webhookId?: string | null } = {},
): Promise<WireAnswer> {
  using wire = await openWire(port);
  await wire.write(requestBytes({ headers: { "webhook-id": webhookId ?? undefined }, body: token }));
  return (await wire.answer())!;
}

const postType = async (intake: TestIntake, type: EventType): Promise<WireAnswer> =>
  await post(intake, { token: createWebhook(type), webhookId: type });

/** Answers when it is told to. */
function createHeldAnswer(): { answer: Answer; release: () => void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    release: () => release(),
    answer: async (response) => {
      await released;
      response.end();
    },
  };
}

describe("the record", () => {
  test("tells of the event, who signed it, and what the app said", async () => {
    await using app = await startReceiver({
      answers: [(response) => void response.writeHead(500).end("oh no")],
    });
    await using intake = await startTestIntake({ forwards: [app.url] });
    const token = createWebhook("user.deleted");
    await post(intake, { token });
    expect(intake.kept).toMatchObject([
      {
        direction: "relayed",
        webhookId: "wh-1",
        endpoint: app.url,
        token,
        event: { type: "user.deleted", source: "api" },
        verification: { status: "verified", kid: signingKey.kid, issuer: "http://localhost:4455" },
        state: "pending",
        attempts: [
          {
            number: 1,
            status: 500,
            error: null,
            request: { method: "POST", url: app.url, headers: { "content-type": "application/jwt" } },
            response: { body: "oh no", truncated: false },
          },
        ],
      },
    ]);
  });

  test("is kept before the sender gets its answer, and told of after that", async () => {
    await using app = await startReceiver();
    const order: string[] = [];
    let isAnswered = false;
    await using intake = await startTestIntake({
      forwards: [app.url],
      onBegin: ({ number }) => order.push(`begin ${number}, ${app.requests.length} at the app`),
      keep: ({ state }) => order.push(`keep ${state}, answered: ${isAnswered}`),
      onEnd: (_, { status }) => order.push(`end ${status}`),
    });
    await post(intake);
    isAnswered = true;
    expect(order).toEqual(["begin 1, 0 at the app", "keep delivered, answered: false", "end 200"]);
  });

  test("holds no cookie and no authorization, which the app gets all the same", async () => {
    await using app = await startReceiver({
      answers: [(response) => void response.writeHead(200, { "set-cookie": "session=1" }).end()],
    });
    await using intake = await startTestIntake({
      forwards: [app.url],
      headers: [["Authorization", "Bearer secret"]],
    });
    await post(intake);
    expect((await app.next()).headers.authorization).toBe("Bearer secret");
    expect(intake.kept[0]?.attempts[0]).toMatchObject({
      request: { headers: { authorization: "[redacted]" } },
      response: { headers: { "set-cookie": "[redacted]" } },
    });
  });
});

describe("the attempts of one webhook-id", () => {
  test("are one delivery, tried until it is answered 200", async () => {
    await using app = await startReceiver({ answers: [500, 503, 200] });
    await using intake = await startTestIntake({ forwards: [app.url] });
    const token = createWebhook();
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await post(intake, { token })).status);
    expect(statuses).toEqual([500, 503, 200]);
    expect(intake.begun.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(new Set(intake.kept.map(({ id }) => id)).size).toBe(1);
    expect(intake.kept.map(({ state }) => state)).toEqual(["pending", "pending", "delivered"]);
    expect(intake.kept.at(-1)?.attempts.map(({ status }) => status)).toEqual([500, 503, 200]);
  });

  test("that come at once each reach the app, with numbers of their own", async () => {
    const held = createHeldAnswer();
    await using app = await startReceiver({ answers: [held.answer] });
    await using intake = await startTestIntake({ forwards: [app.url] });
    const token = createWebhook();
    const both = Promise.all([post(intake, { token }), post(intake, { token })]);
    await app.next();
    await app.next();
    held.release();
    expect((await both).map(({ status }) => status)).toEqual([200, 200]);
    expect(intake.begun.map(({ number }) => number)).toEqual([1, 2]);
    expect(intake.kept.at(-1)?.attempts.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("can't be told without the header: each is a delivery", async () => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url] });
    const token = createWebhook();
    await post(intake, { token, webhookId: null });
    await post(intake, { token, webhookId: null });
    expect(new Set(intake.kept.map(({ id }) => id)).size).toBe(2);
    expect(intake.kept).toMatchObject([{ webhookId: null }, { webhookId: null }]);
  });
});

describe("several forwards", () => {
  test("each get what their pattern wants; the first that does decides the answer", async () => {
    await using users = await startReceiver({ answers: [201] });
    await using all = await startReceiver({ answers: [202] });
    await using roles = await startReceiver({ answers: [203] });
    const forwards = [`user.*=${users.url}`, all.url, `role.created,user.deleted=${roles.url}`];
    await using intake = await startTestIntake({ forwards });
    expect((await postType(intake, "user.created")).status).toBe(201);
    expect((await postType(intake, "user.deleted")).status).toBe(201);
    expect((await postType(intake, "role.created")).status).toBe(202);
    await Promise.all(intake.relay.copies);
    expect([users, all, roles].map(({ requests }) => requests.length)).toEqual([2, 3, 2]);
    expect(new Set(intake.kept.map(({ id }) => id)).size).toBe(7);
    expect(intake.relay.copies.size).toBe(0);
  });

  test("do not wait for a copy, and a copy that fails changes nothing", async () => {
    const held = createHeldAnswer();
    await using first = await startReceiver();
    await using slow = await startReceiver({ answers: [held.answer] });
    await using intake = await startTestIntake({ forwards: [first.url, slow.url, "http://127.0.0.1:9/"] });
    expect((await post(intake)).status).toBe(200);
    expect(intake.relay.copies.size).toBeGreaterThan(0);
    held.release();
    await Promise.all(intake.relay.copies);
    // Told once the answer is on its way.
    while (intake.ended.length < 3) await turn();
    expect(new Set(intake.ended.map(({ attempt }) => attempt.status))).toEqual(new Set([200, null]));
  });

  test("do not get a copy again that they have, when the sender tries again for the first's sake", async () => {
    await using first = await startReceiver({ answers: [500, 500, 200] });
    await using copied = await startReceiver({ answers: [500, 200] });
    await using intake = await startTestIntake({ forwards: [first.url, copied.url] });
    const token = createWebhook();
    for (let count = 0; count < 3; count++) {
      await post(intake, { token });
      await Promise.all(intake.relay.copies);
    }
    expect([first, copied].map(({ requests }) => requests.length)).toEqual([3, 2]);
  });

  test("survive a record of a copy that can't be kept", async () => {
    await using first = await startReceiver();
    await using copied = await startReceiver();
    await using intake = await startTestIntake({
      forwards: [first.url, copied.url],
      keep: ({ endpoint }) => {
        if (endpoint === copied.url) throw new Error("disk full");
      },
    });
    expect((await post(intake)).status).toBe(200);
    await Promise.all(intake.relay.copies);
    expect(intake.relay.copies.size).toBe(0);
    expect(intake.failures).toMatchObject([{ message: "disk full" }]);
  });
});

describe("an event that nothing wants", () => {
  test.each([
    ["--event-types", { forwards: ["3000"], eventTypes: "user.*,organization.created" }],
    ["--forward", { forwards: ["user.*=3000"] }],
  ])("is answered 200 without the app, for the sake of %s", async (option, { forwards, ...options }) => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({
      forwards: forwards.map((text) => text.replace("3000", String(app.port))),
      ...options,
    });
    const answer = await postType(intake, "role.created");
    expect(answer).toMatchObject({ status: 200, body: { length: 0 } });
    expect(intake.skipped).toEqual([
      { webhookId: "role.created", type: "role.created", reason: expect.stringContaining(option) },
    ]);
    expect((await postType(intake, "user.deleted")).status).toBe(200);
    expect(app.requests).toHaveLength(1);
    expect(intake.kept).toHaveLength(1);
  });

  test("may be no event at all, which only a plain forward takes", async () => {
    await using app = await startReceiver();
    const open = { isUnverifiedFine: true };
    await using routed = await startTestIntake({ ...open, forwards: [`*=${app.url}`] });
    expect((await post(routed, { token: "nothing" })).status).toBe(200);
    expect(routed.skipped).toMatchObject([{ type: undefined }]);
    await using filtered = await startTestIntake({ ...open, forwards: [app.url], eventTypes: "*" });
    await post(filtered, { token: "nothing" });
    expect(filtered.skipped).toHaveLength(1);
    expect(app.requests).toEqual([]);
  });
});
