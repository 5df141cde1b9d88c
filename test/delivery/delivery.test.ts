import { expect, test } from "vitest";
import { createDelivery, endWithAttempt } from "../../src/delivery/delivery.ts";
import { sampleAttempt, sampleDelivery } from "./sample-delivery.ts";

test("a new delivery is pending, has an id of its own, and tells of its event", () => {
  const order = {
    direction: "emitted",
    endpoint: "http://localhost:3000/api/webhook",
    webhookId: "same-for-all-attempts",
    token: "e30.e30.c2ln",
    event: {
      type: "a.later.type",
      event_id: "event_1",
      timestamp: "2026-01-02T03:04:05+10:00",
      source: "api",
    },
    verification: { status: "verified", kid: "00:01", issuer: "http://localhost:4455" },
  } as const;
  const origin = {
    now: Date.UTC(2026, 0, 2),
    randomBytes: (size: number) => new Uint8Array(size).fill(0xab),
  };
  expect(createDelivery(order, origin)).toEqual({
    id: `dlv_${"ab".repeat(16)}`,
    direction: "emitted",
    webhookId: "same-for-all-attempts",
    endpoint: "http://localhost:3000/api/webhook",
    event: { type: "a.later.type", id: "event_1", source: "api", timestamp: "2026-01-02T03:04:05+10:00" },
    token: "e30.e30.c2ln",
    verification: order.verification,
    state: "pending",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: "2026-01-02T00:00:00.000Z",
    attempts: [],
  });
});

test.each([
  [200, 200, "delivered", null],
  [204, 200, "failed", "not_delivered"],
  [302, 200, "failed", "not_delivered"],
  [500, 200, "failed", "not_delivered"],
  [401, 401, "delivered", null],
  [200, 401, "failed", "not_delivered"],
] as const)("the answer %i where %i is expected ends it as %s", (status, expected, state, failedReason) => {
  const pending = sampleDelivery();
  const attempt = sampleAttempt({ status });
  expect(endWithAttempt(pending, attempt, expected)).toEqual({
    ...pending,
    state,
    failedReason,
    attempts: [attempt],
  });
  expect(pending).toEqual(sampleDelivery());
});

test.each([
  ["ERR_ABORTED", "cancelled"],
  ["ERR_TIMEOUT", "not_delivered"],
  ["ERR_CONNECTION_REFUSED", "not_delivered"],
] as const)("no answer, for %s, ends it as %s", (code, failedReason) => {
  const attempt = sampleAttempt({ status: null, error: { code, message: "" }, response: null });
  expect(endWithAttempt(sampleDelivery(), attempt, 200)).toMatchObject({ state: "failed", failedReason });
});

test("an attempt joins those before it", () => {
  const [first, second] = [sampleAttempt({ status: 500 }), sampleAttempt({ number: 2 })];
  expect(endWithAttempt(sampleDelivery({ attempts: [first] }), second, 200).attempts).toEqual([
    first,
    second,
  ]);
});
