/** What Kinde does to a webhook that fails for 72 hours, at a mock whose time is moved by hand. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openMock, type RunningMock } from "../../src/app/open-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createHeldScheduleClock, type ScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import type { RegisteredWebhook } from "../../src/kinde/webhook.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { signingKeys } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 2);

interface HeldMock extends RunningMock, AsyncDisposable {
  /** Every delivery as it is now, in the order in which they were begun. */
  readonly deliveries: readonly Delivery[];
  /** All webhooks after each change of them. */
  readonly changes: readonly (readonly RegisteredWebhook[])[];
  readonly time: ScheduleClock;
}

async function openHeldMock(...urls: readonly string[]): Promise<HeldMock> {
  const time = createHeldScheduleClock(start);
  const deliveries = new Map<string, Delivery>();
  const changes: (readonly RegisteredWebhook[])[] = [];
  const mock = await openMock(
    {
      signingKeys,
      clock: { ...systemClock, now: time.now },
      time,
      randomBytes,
      findToken: () => Promise.resolve(undefined),
      webhooks: urls.map((url) => ({ url: new URL(url), eventTypes })),
      timeoutMs: 20_000,
      onWebhooksChange: (webhooks) => changes.push(webhooks),
      onChange: (delivery) => deliveries.set(delivery.id, delivery),
    },
    () =>
      Promise.resolve({
        url: "http://localhost:4455",
        port: 4455,
        hasServedJwks: () => false,
        caCertificate: () => Promise.reject(new Error("nobody speaks TLS here")),
        close: () => Promise.resolve(),
      }),
  );
  return {
    ...mock,
    time,
    changes,
    get webhooks() {
      return mock.webhooks;
    },
    get deliveries() {
      return [...deliveries.values()];
    },
    [Symbol.asyncDispose]: () => mock.close(0),
  };
}

describe("72 hours of failures", () => {
  test("of one event alone are none: its attempts end before", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await mock.emit({ type: "user.created" });
    await mock.advance(100 * hour);
    expect(mock.deliveries).toMatchObject([{ failedReason: "exhausted" }]);
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
  });

  test("of two events disable it, at the first failed attempt that is so late, and end what is pending for it", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await mock.emit({ type: "user.created" });
    await mock.advance(50 * hour);
    await mock.emit({ type: "user.updated" });
    await mock.advance(21 * hour);
    await mock.emit({ type: "user.deleted" });
    // The eighth attempt of the second event is at 67 h, the fifth of the third at 71 h 13 min: the sixth ends them all.
    await mock.advance(0.5 * hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
    await mock.advance(40 * hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: true }]);
    expect(mock.deliveries.map(({ failedReason, attempts }) => [failedReason, attempts.length])).toEqual([
      ["exhausted", 9],
      ["disabled", 8],
      ["disabled", 6],
    ]);
    expect(mock.pending()).toEqual([]);
    expect(receiver.requests).toHaveLength(9 + 8 + 6);
    const last = mock.deliveries[2]!.attempts.at(-1)!;
    expect(Date.parse(last.startedAt) - start).toBe(71 * hour + 4_355_000);
    expect(mock.changes.map((webhooks) => webhooks.map(({ isDisabled }) => isDisabled))).toEqual([[true]]);
  });

  test("are none with a success between", async () => {
    await using receiver = await startReceiver({ answers: [...Array<Answer>(9).fill(500), 200, 500] });
    await using mock = await openHeldMock(receiver.url);
    await mock.emit({ type: "user.created" });
    await mock.advance(40 * hour);
    await mock.emit({ type: "user.updated" });
    await mock.advance(30 * hour);
    await mock.emit({ type: "user.deleted" });
    await mock.advance(40 * hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
    expect(mock.deliveries.map(({ state, failedReason }) => failedReason ?? state)).toEqual([
      "exhausted",
      "delivered",
      "exhausted",
    ]);
  });

  test("concern no other webhook: it goes on getting events", async () => {
    await using refusing = await startReceiver({ answers: [500] });
    await using well = await startReceiver();
    await using mock = await openHeldMock(refusing.url, well.url);
    await disableByFailing(mock);
    expect(mock.webhooks.map(({ isDisabled }) => isDisabled)).toEqual([true, false]);
    const { deliveries } = await mock.emit({ type: "user.created" });
    expect(deliveries).toMatchObject([{ endpoint: well.url, state: "delivered" }]);
  });

  test("count those that another process has seen: what it left pending says when it first failed", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    const failedAt = new Date(start - 30 * hour).toISOString();
    const attempts = [sampleAttempt({ status: 500, startedAt: failedAt })];
    const left = sampleDelivery({
      endpoint: receiver.url,
      createdAt: failedAt,
      attempts,
      nextAttemptAt: failedAt,
    });
    expect(mock.resume([left])).toEqual([left]);
    await mock.advance(41.9 * hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
    await mock.emit({ type: "user.created" });
    await mock.advance(hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: true }]);
  });
});

describe("a disabled webhook", () => {
  test("that alone wants the event makes emit fail: ERR_WEBHOOK_DISABLED, with its id and how to enable it", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await disableByFailing(mock);
    const [webhook] = mock.webhooks;
    const sent = receiver.requests.length;
    await expect(mock.emit({ type: "user.created" })).rejects.toMatchObject({
      code: "ERR_WEBHOOK_DISABLED",
      webhookId: webhook?.id,
      message: expect.stringContaining(`/_devhook/api/webhooks/${webhook?.id}/enable`) as string,
    });
    expect(receiver.requests).toHaveLength(sent);
  });

  test("gets events again once it is enabled, and 72 hours of failures begin anew", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await disableByFailing(mock);
    const [{ id }] = mock.webhooks as [RegisteredWebhook];
    expect(mock.setDisabled(id, false)).toMatchObject({ id, isDisabled: false });
    expect((await mock.emit({ type: "user.created" })).deliveries).toMatchObject([{ state: "pending" }]);
    await mock.advance(40 * hour);
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
    expect(mock.deliveries.at(-1)).toMatchObject({ failedReason: "exhausted" });
  });

  test("by hand, ends what is pending for it; one that does not exist is told", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await mock.emit({ type: "user.created" });
    expect(mock.setDisabled("webhook_0", true)).toBeUndefined();
    expect(mock.pending()).toHaveLength(1);
    mock.setDisabled(mock.webhooks[0]!.id, true);
    expect(mock.deliveries).toMatchObject([{ state: "failed", failedReason: "disabled" }]);
    await mock.advance(40 * hour);
    expect(receiver.requests).toHaveLength(1);
  });

  test("by hand, while an event for it is being signed, attempts that event no second time", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    const emitting = mock.emit({ type: "user.created" });
    mock.setDisabled(mock.webhooks[0]!.id, true);
    expect((await emitting).deliveries).toMatchObject([{ state: "failed", failedReason: "disabled" }]);
    await mock.advance(40 * hour);
    expect(receiver.requests).toHaveLength(1);
  });

  test("is enabled by a reset, its failures are forgotten, and the time is that of the start", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await openHeldMock(receiver.url);
    await disableByFailing(mock);
    await mock.reset();
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
    expect(mock.time.now()).toBe(start);
    await mock.advance(100 * hour);
    await mock.emit({ type: "user.created" });
    expect(mock.webhooks).toMatchObject([{ isDisabled: false }]);
  });
});

async function disableByFailing(mock: RunningMock): Promise<void> {
  await mock.emit({ type: "user.created" });
  await mock.advance(72 * hour);
  await mock.emit({ type: "user.created" });
}
