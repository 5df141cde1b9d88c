import { describe, expect, test } from "vitest";
import {
  abandonedAfterMs,
  abandonIfExpired,
  addAttempt,
  addRelayedAttempt,
  createDelivery,
  createDeliveryId,
  endDelivery,
  type Attempt,
  type Delivery,
  type Outcome,
} from "../../src/delivery/delivery.ts";
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
  const id = createDeliveryId((size) => new Uint8Array(size).fill(0xab));
  expect(createDelivery(order, id, Date.UTC(2026, 0, 2))).toEqual({
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

const inFiveSeconds = Date.UTC(2026, 0, 2, 3, 4, 10);

test.each<[string, Outcome, Partial<Delivery>]>([
  ["delivered", { state: "delivered" }, { state: "delivered", failedReason: null, nextAttemptAt: null }],
  [
    "failed for good",
    { state: "failed", failedReason: "exhausted" },
    { state: "failed", failedReason: "exhausted", nextAttemptAt: null },
  ],
  [
    "pending, with the time of the next one",
    { state: "pending", nextAttemptAt: inFiveSeconds },
    { state: "pending", failedReason: null, nextAttemptAt: "2026-01-02T03:04:10.000Z" },
  ],
])("an attempt leaves the delivery %s", (_, outcome, members) => {
  const pending = sampleDelivery();
  const attempt = sampleAttempt({ status: 500 });
  expect(addAttempt(pending, attempt, outcome)).toEqual({ ...pending, ...members, attempts: [attempt] });
  expect(pending).toEqual(sampleDelivery());
});

test.each(["exhausted", "disabled", "cancelled", "abandoned", "not_delivered"] as const)(
  "a pending delivery ends as %s without another attempt, and waits for none",
  (failedReason) => {
    const attempts = [sampleAttempt({ status: 500 })];
    const waiting = sampleDelivery({ attempts, nextAttemptAt: "2026-01-02T03:04:10.000Z" });
    expect(endDelivery(waiting, failedReason)).toEqual({
      ...waiting,
      state: "failed",
      failedReason,
      nextAttemptAt: null,
    });
  },
);

test("an attempt joins those before it", () => {
  const [first, second] = [sampleAttempt({ status: 500 }), sampleAttempt({ number: 2 })];
  expect(addAttempt(sampleDelivery({ attempts: [first] }), second, { state: "delivered" }).attempts).toEqual([
    first,
    second,
  ]);
});

test("what is relayed may be no event", () => {
  const order = {
    direction: "relayed",
    endpoint: "http://localhost:3000/",
    webhookId: null,
    token: "no token",
    event: null,
    verification: { status: "unverified", reason: "ERR_NOT_A_JWT" },
  } as const;
  expect(createDelivery(order, "dlv_1", 0)).toMatchObject({
    id: "dlv_1",
    direction: "relayed",
    event: null,
    webhookId: null,
  });
});

test("of any number of attempts a relayed delivery keeps the first and the latest, 20 in all", () => {
  let delivery = sampleDelivery({ direction: "relayed" });
  for (let number = 1; number <= 1_000; number++) {
    delivery = addRelayedAttempt(delivery, sampleAttempt({ number, status: 500 }));
  }
  const numbers = delivery.attempts.map(({ number }) => number);
  expect(numbers).toEqual([1, ...Array.from({ length: 19 }, (_, index) => 982 + index)]);
});

describe("a relayed delivery", () => {
  const relayed = sampleDelivery({ direction: "relayed" });
  const lost = { status: null, error: { code: "ERR_TIMEOUT", message: "" }, response: null };

  test.each([
    [200, "delivered"],
    [201, "pending"],
    [204, "pending"],
    [302, "pending"],
    [400, "pending"],
    [500, "pending"],
  ] as const)("that is answered %i is %s: the sender decides whether it tries again", (status, state) => {
    const attempt = sampleAttempt({ status });
    expect(addRelayedAttempt(relayed, attempt)).toEqual({ ...relayed, state, attempts: [attempt] });
  });

  test("that is not answered is pending", () => {
    expect(addRelayedAttempt(relayed, sampleAttempt(lost))).toMatchObject({
      state: "pending",
      failedReason: null,
    });
  });

  test("that was delivered once stays so, whatever is tried after it", () => {
    const delivered = addRelayedAttempt(relayed, sampleAttempt());
    for (const members of [{ status: 500 }, { status: 200 }, lost]) {
      const again = addRelayedAttempt(delivered, sampleAttempt({ number: 2, ...members }));
      expect(again.state).toBe("delivered");
      expect(again.attempts).toHaveLength(2);
    }
  });

  test("has its attempts in the order of their numbers, whichever ended first", () => {
    const [first, second, third] = [1, 2, 3].map((number) => sampleAttempt({ number, status: 500 })) as [
      Attempt,
      Attempt,
      Attempt,
    ];
    let delivery = relayed;
    for (const attempt of [third, first, second]) delivery = addRelayedAttempt(delivery, attempt);
    expect(delivery.attempts).toEqual([first, second, third]);
    expect(relayed.attempts).toEqual([]);
  });

  test("whose last attempt ends when it was given up already is not both", () => {
    const abandoned = sampleDelivery({ direction: "relayed", state: "failed", failedReason: "abandoned" });
    expect(addRelayedAttempt(abandoned, sampleAttempt())).toMatchObject({
      state: "delivered",
      failedReason: null,
    });
    expect(addRelayedAttempt(abandoned, sampleAttempt({ status: 500 }))).toMatchObject({
      state: "pending",
      failedReason: null,
    });
  });
});

describe("36 hours after it began", () => {
  const createdAt = "2026-01-02T00:00:00.000Z";
  const began = Date.parse(createdAt);
  const pending = sampleDelivery({ direction: "relayed", createdAt });

  test("a pending delivery is abandoned, and not a moment before", () => {
    expect(abandonedAfterMs).toBe(36 * 60 * 60 * 1000);
    expect(abandonIfExpired(pending, began)).toBe(pending);
    expect(abandonIfExpired(pending, began + abandonedAfterMs - 1)).toBe(pending);
    expect(abandonIfExpired(pending, began + abandonedAfterMs)).toEqual({
      ...pending,
      state: "failed",
      failedReason: "abandoned",
    });
    expect(pending.state).toBe("pending");
  });

  test("its attempts since make no difference", () => {
    const late = new Date(began + abandonedAfterMs - 1).toISOString();
    const tried = addRelayedAttempt(pending, sampleAttempt({ status: 500, startedAt: late }));
    expect(abandonIfExpired(tried, began + abandonedAfterMs)).toMatchObject({ failedReason: "abandoned" });
  });

  test.each([
    sampleDelivery({ createdAt, state: "delivered" }),
    sampleDelivery({ createdAt, state: "failed", failedReason: "not_delivered" }),
    sampleDelivery({ createdAt, state: "failed", failedReason: "abandoned" }),
  ])("one that is over ($state, $failedReason) stays as it is", (over) => {
    expect(abandonIfExpired(over, began + 2 * abandonedAfterMs)).toBe(over);
  });
});
