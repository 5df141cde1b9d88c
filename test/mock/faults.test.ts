/** The catalogue of faults, emitted by a mock to webhooks: how many requests each is, and what becomes of them. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createHeldScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { faults, type FaultName } from "../../src/kinde/faults.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { decodeToken, verifyToken } from "../../src/kinde/verify.ts";
import type { Webhook } from "../../src/kinde/webhook.ts";
import { createMock, type Mock, type MockOptions } from "../../src/mock/mock.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";

const issuer = "http://localhost:4455";
const now = Date.UTC(2026, 0, 2);
const hourMs = 3_600_000;
const jwks = createLocalJwks(issuer, { keys: [signingKey.publicJwk] });

/** How many requests an app gets whole, where that is not one. */
const received: Partial<Record<FaultName, number>> = { duplicate: 2, reordered: 2 };
const pairs = ["duplicate", "reordered"] as const;

describe("an event with a fault", () => {
  test.each(faults)("$name is sent once to a webhook, whatever that answers", async ({ name, reason }) => {
    await using receiver = await startReceiver({ answers: [500] });
    const mock = mockOf([webhookTo(receiver)]);
    const emitted = await mock.emit({ type: "user.updated", fault: name });
    const { deliveries } = emitted;
    expect(deliveries).toHaveLength(received[name] ?? 1);
    for (const delivery of deliveries) {
      expect(delivery).toMatchObject({
        fault: name,
        state: "failed",
        failedReason: "not_delivered",
        nextAttemptAt: null,
        verification:
          reason === null
            ? { status: "verified", kid: signingKey.kid, issuer }
            : { status: "unverified", reason },
      });
      expect(delivery.attempts).toHaveLength(name === "cut-body" ? 2 : 1);
    }
    expect(await emitted.ended()).toEqual(deliveries);
    await mock.advance(40 * hourMs);
    expect(mock.pending()).toEqual([]);
    expect(receiver.requests).toHaveLength(received[name] ?? 1);
    for (const { body } of receiver.requests) {
      const { status, ...found } = await verifyToken(body.toString(), jwks);
      expect([status, "reason" in found ? found.reason : null]).toEqual([
        reason === null ? "verified" : "unverified",
        reason,
      ]);
    }
  });

  test.each(pairs)("%s is begun a second time when the first has been answered", async (fault) => {
    await using receiver = await startReceiver();
    const changes: Delivery[] = [];
    const mock = mockOf([webhookTo(receiver)], { onChange: (delivery) => changes.push(delivery) });
    const { deliveries } = await mock.emit({ type: "user.updated", fault });
    const [first, second] = deliveries.map(({ id }) => id);
    expect(changes.map(({ id, state }) => [id, state])).toEqual([
      [first, "pending"],
      [first, "delivered"],
      [second, "pending"],
      [second, "delivered"],
    ]);
  });

  test("duplicate is one request twice: the same body and webhook-id", async () => {
    await using receiver = await startReceiver();
    await mockOf([webhookTo(receiver)]).emit({ type: "user.updated", fault: "duplicate" });
    const [first, second] = receiver.requests.map(({ body, headers }) => [
      body.toString(),
      headers["webhook-id"],
    ]);
    expect(second).toEqual(first);
  });

  test("reordered is two events of one thing, the newer first, each with a webhook-id of its own", async () => {
    await using receiver = await startReceiver();
    const { deliveries } = await mockOf([webhookTo(receiver)]).emit({
      type: "user.updated",
      data: { user: { email: "ada@example.com" } },
      fault: "reordered",
    });
    const [newer, older] = receiver.requests.map(({ body }) => decodeToken(body.toString()));
    expect(newer).toMatchObject({
      timestamp: "2026-01-02T00:00:00.000Z",
      data: { user: { email: "ada@example.com" } },
    });
    expect(older).toMatchObject({
      timestamp: "2026-01-01T23:59:59.000Z",
      data: { user: { email: "older-ada@example.com" } },
    });
    expect(deliveries.map(({ event }) => event?.id)).toEqual([newer?.event_id, older?.event_id]);
    expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
  });

  test.each(pairs)("%s goes whole to every webhook that wants the type it was made of", async (fault) => {
    await using first = await startReceiver();
    await using second = await startReceiver();
    await using roles = await startReceiver();
    const { deliveries } = await mockOf([
      webhookTo(first),
      webhookTo(roles, ["role.created"]),
      webhookTo(second, ["user.updated"]),
    ]).emit({ type: "user.updated", fault });
    const endpoints = [first.url, first.url, second.url, second.url];
    expect(deliveries.map(({ endpoint }) => endpoint)).toEqual(endpoints);
    expect(roles.requests).toEqual([]);
    const bodies = [first, second].map(({ requests }) => requests.map(({ body }) => body.toString()));
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies.flat()).toEqual(deliveries.map(({ token }) => token));
    // One of its own for each event at each webhook.
    const ids = [first, second].map(({ requests }) => requests.map(({ headers }) => headers["webhook-id"]));
    expect(new Set(ids.flat()).size).toBe(fault === "duplicate" ? 2 : 4);
    expect(ids.map((own) => new Set(own).size)).toEqual(fault === "duplicate" ? [1, 1] : [2, 2]);
  });

  test("unknown-event-type goes to those that want the type it was made of", async () => {
    await using users = await startReceiver();
    await using roles = await startReceiver();
    const mock = mockOf([webhookTo(users, ["user.created"]), webhookTo(roles, ["role.created"])]);
    const { deliveries } = await mock.emit({ type: "user.created", fault: "unknown-event-type" });
    expect(deliveries).toMatchObject([{ endpoint: users.url, event: { type: "user.unknown" } }]);
    expect(roles.requests).toEqual([]);
  });

  test.each(pairs)("%s has the webhook-id that is given in both requests", async (fault) => {
    await using receiver = await startReceiver();
    await mockOf([webhookTo(receiver)]).emit({ type: "user.updated", fault, webhookId: "drill" });
    expect(receiver.requests.map(({ headers }) => headers["webhook-id"])).toEqual(["drill", "drill"]);
  });

  test("cut-body is an attempt without an answer, and the whole behind it", async () => {
    await using receiver = await startReceiver();
    const emitted = await mockOf([webhookTo(receiver)]).emit({ type: "user.updated", fault: "cut-body" });
    const [delivery] = emitted.deliveries;
    expect(delivery?.attempts).toMatchObject([
      { status: null, error: { code: "ERR_CUT_ON_PURPOSE" } },
      { number: 2, status: 200 },
    ]);
    expect(delivery).toMatchObject({ state: "delivered", verdict: "pass" });
    expect(await verifyToken(delivery!.token, jwks)).toMatchObject({ status: "verified" });
  });

  test("has its own right answer, whatever status is expected", async () => {
    await using receiver = await startReceiver({ answers: [400] });
    const mock = mockOf([webhookTo(receiver)]);
    const request = { type: "user.updated", fault: "bad-signature", expectedStatus: 400 } as const;
    expect((await mock.emit(request)).deliveries).toMatchObject([{ state: "failed", verdict: "pass" }]);
  });
});

describe("a webhook", () => {
  const refused = { type: "user.updated", fault: "bad-signature" } as const;

  test("that refuses what is damaged has not failed: it is not disabled for it", async () => {
    await using receiver = await startReceiver({ answers: [400, 500] });
    const disabled: string[] = [];
    const mock = mockOf([webhookTo(receiver)], { onFailedTooLong: (id) => disabled.push(id) });
    await mock.emit(refused);
    await mock.advance(72 * hourMs);
    expect((await mock.emit({ type: "user.updated" })).deliveries).toMatchObject([{ state: "pending" }]);
    expect(disabled).toEqual([]);
  });

  test("that takes what is damaged has not recovered by it", async () => {
    await using receiver = await startReceiver({ answers: [500, 200, 500] });
    const disabled: string[] = [];
    const webhook = webhookTo(receiver);
    const mock = mockOf([webhook], { onFailedTooLong: (id) => disabled.push(id), schedule: [0] });
    await mock.emit({ type: "user.updated" });
    await mock.emit(refused);
    await mock.advance(72 * hourMs);
    await mock.emit({ type: "user.updated" });
    expect(disabled).toEqual([webhook.id]);
  });

  test("gets what a killed process had damaged once, when another goes on with it", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    const mock = mockOf([webhookTo(receiver)]);
    const { fault } = refused;
    const left = sampleDelivery({ endpoint: receiver.url, createdAt: new Date(now).toISOString(), fault });
    expect(mock.resume([left])).toEqual([left]);
    await mock.advance(40 * hourMs);
    expect(receiver.requests).toHaveLength(1);
    expect(mock.pending()).toEqual([]);
  });
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
