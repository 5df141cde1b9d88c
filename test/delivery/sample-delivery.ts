import type { Attempt, Delivery } from "../../src/delivery/delivery.ts";

/** A pending delivery with the members given. */
export function sampleDelivery(members: Partial<Delivery> = {}): Delivery {
  return {
    id: "dlv_00000000000000000000000000000001",
    direction: "emitted",
    webhookId: "0123456789abcdef0123456789abcdef",
    endpoint: "http://127.0.0.1:3000/api/webhook",
    event: {
      type: "user.created",
      id: "event_018f331a3178f7fef284b95fe6770384",
      source: "api",
      timestamp: "2026-01-02T03:04:05.000Z",
    },
    token: "e30.e30.c2ln",
    verification: { status: "verified", kid: "00:01", issuer: "http://localhost:4455" },
    state: "pending",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: "2026-01-02T03:04:05.000Z",
    attempts: [],
    ...members,
  };
}

/** An attempt that was answered 200, with the members given. */
export function sampleAttempt(members: Partial<Attempt> = {}): Attempt {
  return {
    number: 1,
    startedAt: "2026-01-02T03:04:05.000Z",
    durationMs: 12.5,
    plannedDelayMs: 0,
    status: 200,
    error: null,
    request: {
      method: "POST",
      url: "http://127.0.0.1:3000/api/webhook",
      headers: { "content-type": "application/jwt" },
    },
    response: { headers: {}, body: "", truncated: false },
    ...members,
  };
}
