import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createHeldScheduleClock, createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import type { Webhook } from "../../src/kinde/webhook.ts";
import { createMock, type Mock, type MockOptions } from "../../src/mock/mock.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { signingKey, signingKeys } from "../helpers/keys.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";

const issuer = "http://localhost:4455";
const now = Date.UTC(2026, 0, 2);
const jwks = createLocalJwks(issuer, { keys: [signingKey.publicJwk] });

describe("emit", () => {
  test("delivers to every webhook that wants the event type, and to no other", async () => {
    await using all = await startReceiver();
    await using users = await startReceiver();
    await using roles = await startReceiver();
    const mock = mockOf([
      webhookTo(all),
      webhookTo(users, ["user.created", "user.updated"]),
      webhookTo(roles, ["role.created"]),
    ]);
    const { deliveries } = await mock.emit({ type: "user.created" });
    expect(deliveries.map(({ endpoint, state }) => [endpoint, state])).toEqual([
      [all.url, "delivered"],
      [users.url, "delivered"],
    ]);
    expect([all, users, roles].map(({ requests }) => requests.length)).toEqual([1, 1, 0]);
  });

  test("sends one token, that of one event, to all of them, and each a webhook-id of its own", async () => {
    await using first = await startReceiver();
    await using second = await startReceiver();
    const { deliveries } = await mockOf([webhookTo(first), webhookTo(second)]).emit({ type: "user.created" });
    const requests = [await first.next(), await second.next()];
    const [token, ...others] = new Set(requests.map(({ body }) => body.toString()));
    expect(others).toEqual([]);
    expect(new Set(deliveries.map((delivery) => delivery.token))).toEqual(new Set([token]));
    const ids = requests.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual(deliveries.map(({ webhookId }) => webhookId));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
  });

  test("makes a token that verifies, of the event as it was asked for", async () => {
    await using receiver = await startReceiver();
    const { deliveries } = await mockOf([webhookTo(receiver)]).emit({
      type: "user.created",
      source: "admin",
      data: { user: { email: "ada@example.com" } },
      set: { "user.first_name": "Ada" },
      unset: ["user.phone"],
    });
    const [delivery] = deliveries;
    const verified = await verifyToken((await receiver.next()).body.toString(), jwks);
    expect(verified).toMatchObject({
      status: "verified",
      event: {
        type: "user.created",
        source: "admin",
        timestamp: "2026-01-02T00:00:00.000Z",
        data: { user: { email: "ada@example.com", first_name: "Ada" } },
      },
    });
    expect(verified).not.toHaveProperty("event.data.user.phone");
    expect(delivery).toMatchObject({
      verification: { status: "verified", kid: signingKey.kid, issuer },
      event: { type: "user.created", source: "admin", timestamp: "2026-01-02T00:00:00.000Z" },
    });
    expect(verified).toHaveProperty("event.event_id", delivery?.event?.id);
  });

  test("makes a new event and new ids each time", async () => {
    await using receiver = await startReceiver();
    const mock = mockOf([webhookTo(receiver)]);
    const [[first], [second]] = [
      (await mock.emit({ type: "user.created" })).deliveries,
      (await mock.emit({ type: "user.created" })).deliveries,
    ];
    expect(first?.id).not.toBe(second?.id);
    expect(first?.event?.id).not.toBe(second?.event?.id);
    expect(first?.webhookId).not.toBe(second?.webhookId);
  });

  test("gives every webhook the webhook-id that was asked for", async () => {
    await using first = await startReceiver();
    await using second = await startReceiver();
    const mock = mockOf([webhookTo(first), webhookTo(second)]);
    await mock.emit({ type: "user.created", webhookId: "drill" });
    await mock.emit({ type: "user.created", webhookId: "drill" });
    const ids = [first, second].flatMap(({ requests }) =>
      requests.map(({ headers }) => headers["webhook-id"]),
    );
    expect(ids).toEqual(["drill", "drill", "drill", "drill"]);
  });

  test("delivers to all at once: none waits for another's answer", async () => {
    // Each app answers once both have been asked.
    const held: ServerResponse[] = [];
    const answerTogether = (response: ServerResponse): void => {
      held.push(response);
      if (held.length === 2) for (const each of held) each.end();
    };
    await using first = await startReceiver({ answers: [answerTogether] });
    await using second = await startReceiver({ answers: [answerTogether] });
    const { deliveries } = await mockOf([webhookTo(first), webhookTo(second)]).emit({ type: "user.created" });
    expect(deliveries.map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  });

  test("one webhook's failure is its own, and the order is that of the webhooks", async () => {
    await using slow = await startReceiver({ answers: [() => {}] });
    await using refusing = await startReceiver({ answers: [500] });
    await using well = await startReceiver();
    const mock = mockOf([webhookTo(slow), webhookTo(refusing), webhookTo(well)]);
    // Long enough for the others' answers on a busy machine.
    const { deliveries } = await mock.emit({ type: "user.created", timeoutMs: 2_000 });
    expect(
      deliveries.map(({ state, attempts: [attempt] }) => [state, attempt?.status, attempt?.error?.code]),
    ).toEqual([
      ["pending", null, "ERR_TIMEOUT"],
      ["pending", 500, undefined],
      ["delivered", 200, undefined],
    ]);
  });

  test("counts the expected status as delivered", async () => {
    await using receiver = await startReceiver({ answers: [400] });
    const { deliveries } = await mockOf([webhookTo(receiver)]).emit({
      type: "user.created",
      expectedStatus: 400,
    });
    expect(deliveries).toMatchObject([{ state: "delivered", attempts: [{ status: 400 }] }]);
  });

  test("ends what is under way at its signal", async () => {
    await using receiver = await startReceiver({ answers: [() => {}] });
    const abort = new AbortController();
    const emitting = mockOf([webhookTo(receiver)]).emit({ type: "user.created" }, abort.signal);
    await receiver.next();
    abort.abort();
    expect((await emitting).deliveries).toMatchObject([{ state: "failed", failedReason: "cancelled" }]);
  });

  test("delivers nothing when no webhook wants the event type", async () => {
    await using receiver = await startReceiver();
    const mock = mockOf([webhookTo(receiver, ["role.created"])]);
    const emitted = await mock.emit({ type: "user.created" });
    expect([emitted.deliveries, await emitted.ended()]).toEqual([[], []]);
    expect(receiver.requests).toEqual([]);
  });

  test("has no use without a webhook: ERR_NO_WEBHOOK", async () => {
    await expect(mockOf([]).emit({ type: "user.created" })).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
  });

  test("sends nothing for an override that can't be applied", async () => {
    await using receiver = await startReceiver();
    const emitting = mockOf([webhookTo(receiver)]).emit({ type: "user.created", set: { "__proto__.a": 1 } });
    await expect(emitting).rejects.toMatchObject({ code: "ERR_INVALID_PATH" });
    expect(receiver.requests).toEqual([]);
  });
});

test("a webhook of a mock that is sped up has not failed while none ran", async () => {
  await using receiver = await startReceiver({ answers: [500] });
  const clock = createHeldClock(now);
  const tooLong: string[] = [];
  const mock = mockOf([webhookTo(receiver)], {
    clock,
    time: createScheduleClock(clock, 3_600),
    onFailedTooLong: (id) => tooLong.push(id),
  });
  // Two minutes there would be five days of the schedule.
  const startedAt = new Date(now - 120_000).toISOString();
  const attempts = [sampleAttempt({ status: 500, startedAt })];
  mock.resume([sampleDelivery({ endpoint: receiver.url, createdAt: startedAt, attempts })]);
  await receiver.next();
  await mock.advance(0);
  expect(mock.pending()).toMatchObject([{ state: "pending", attempts: [{}, { status: 500 }] }]);
  expect(tooLong).toEqual([]);
});

test("every change of every delivery is told: begun, then attempted", async () => {
  await using first = await startReceiver();
  await using second = await startReceiver({ answers: [500] });
  const changes: Delivery[] = [];
  const mock = mockOf([webhookTo(first), webhookTo(second)], {
    onChange: (delivery) => changes.push(delivery),
  });
  const { deliveries } = await mock.emit({ type: "user.created" });
  expect(changes.slice(0, 2).map(({ id, state }) => [id, state])).toEqual(
    deliveries.map(({ id }) => [id, "pending"]),
  );
  for (const delivery of deliveries) {
    const own = changes.filter(({ id }) => id === delivery.id);
    expect(own.map(({ attempts }) => attempts.length)).toEqual([0, 1]);
    expect(own[1]).toEqual(delivery);
  }
});

function mockOf(webhooks: readonly Webhook[], options: Partial<MockOptions> = {}): Mock {
  return createMock({
    webhooks: () => webhooks,
    signingKeys,
    issuer: () => issuer,
    clock: createHeldClock(now),
    time: createHeldScheduleClock(now),
    randomBytes,
    timeoutMs: 20_000,
    ...options,
  });
}

function webhookTo({ url, port }: Receiver, wanted: Webhook["eventTypes"] = eventTypes): Webhook {
  return { id: `webhook_${port}`, endpoint: url, eventTypes: wanted };
}
