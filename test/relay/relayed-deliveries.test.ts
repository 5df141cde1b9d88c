import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Attempt, Delivery, DeliveryOrder } from "../../src/delivery/delivery.ts";
import { createRelayedDeliveries, type RelayedDeliveries } from "../../src/relay/relayed-deliveries.ts";

const hourMs = 60 * 60 * 1000;
const start = Date.UTC(2026, 0, 2);
const endpoint = "http://localhost:3000/api/webhook";

/** @param history where those are found that are not held */
function createAt(time: { now: number }, history: readonly Delivery[] = []): RelayedDeliveries {
  return createRelayedDeliveries({
    now: () => time.now,
    randomBytes,
    recall: (id) => Promise.resolve(history.findLast((delivery) => delivery.id === id)),
  });
}

function orderOf(webhookId: string | null, to: string = endpoint): DeliveryOrder {
  return {
    direction: "relayed",
    endpoint: to,
    webhookId,
    token: "a.b.c",
    event: null,
    verification: { status: "verified", kid: "kid", issuer: "https://acme.kinde.com" },
  };
}

function attemptOf(number: number, status: number | null): Attempt {
  return {
    number,
    startedAt: new Date(start).toISOString(),
    durationMs: 1,
    plannedDelayMs: 0,
    status,
    error: null,
    request: { method: "POST", url: endpoint, headers: {} },
    response: null,
  };
}

/** One attempt from beginning to end. */
async function attempt(
  deliveries: RelayedDeliveries,
  webhookId: string | null,
  status: number,
  to?: string,
): Promise<Delivery> {
  const begun = deliveries.begin(orderOf(webhookId, to));
  return await begun.end(attemptOf(begun.number, status));
}

describe("the attempts of one webhook-id", () => {
  test("are counted, in one delivery that is pending until it is answered 200", async () => {
    const deliveries = createAt({ now: start });
    const first = await attempt(deliveries, "w", 500);
    expect(first).toMatchObject({ state: "pending", failedReason: null, nextAttemptAt: null });
    const second = await attempt(deliveries, "w", 204);
    expect(second).toMatchObject({ id: first.id, state: "pending" });
    const third = await attempt(deliveries, "w", 200);
    expect(third).toMatchObject({ id: first.id, state: "delivered" });
    expect(third.attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 500],
      [2, 204],
      [3, 200],
    ]);
  });

  test("stay delivered when a duplicate is answered otherwise", async () => {
    const deliveries = createAt({ now: start });
    await attempt(deliveries, "w", 200);
    expect(await attempt(deliveries, "w", 500)).toMatchObject({ state: "delivered" });
  });

  test("that overlap have numbers of their own, and stand in their order whichever ends first", async () => {
    const deliveries = createAt({ now: start });
    const [one, two] = [deliveries.begin(orderOf("w")), deliveries.begin(orderOf("w"))];
    expect([one.number, two.number]).toEqual([1, 2]);
    expect((await two.end(attemptOf(2, 200))).attempts.map(({ number }) => number)).toEqual([2]);
    const both = await one.end(attemptOf(1, 500));
    expect(both.attempts.map(({ number }) => number)).toEqual([1, 2]);
    expect(both.state).toBe("delivered");
  });

  test("are others at another endpoint, and under another id", async () => {
    const deliveries = createAt({ now: start });
    const ids = [
      (await attempt(deliveries, "w", 500)).id,
      (await attempt(deliveries, "w", 500, "http://localhost:4000/")).id,
      (await attempt(deliveries, "v", 500)).id,
    ];
    expect(new Set(ids).size).toBe(3);
  });

  test("can't be told without an id: each is a delivery of its own", async () => {
    const deliveries = createAt({ now: start });
    const [one, two] = [await attempt(deliveries, null, 200), await attempt(deliveries, null, 200)];
    expect(one.id).not.toBe(two.id);
    expect(two.attempts).toHaveLength(1);
    expect(deliveries.needsNoCopy({ webhookId: null, endpoint })).toBe(false);
  });

  test("are known as delivered at the endpoint that had them", async () => {
    const deliveries = createAt({ now: start });
    await attempt(deliveries, "w", 200);
    await attempt(deliveries, "v", 500);
    expect(deliveries.needsNoCopy({ webhookId: "w", endpoint })).toBe(true);
    expect(deliveries.needsNoCopy({ webhookId: "v", endpoint })).toBe(false);
    expect(deliveries.needsNoCopy({ webhookId: "w", endpoint: "http://localhost:4000/" })).toBe(false);
  });

  test("of the 2,000 latest are known; an older one is a new delivery", async () => {
    const deliveries = createAt({ now: start });
    const old = await attempt(deliveries, "old", 500);
    const used = await attempt(deliveries, "used", 500);
    for (let count = 0; count < 1_998; count++) await attempt(deliveries, `w${count}`, 500);
    // Tried again, it is among the latest.
    expect((await attempt(deliveries, "used", 500)).id).toBe(used.id);
    await attempt(deliveries, "one more", 500);
    expect(await attempt(deliveries, "used", 500)).toMatchObject({ id: used.id, attempts: { length: 3 } });
    expect((await attempt(deliveries, "old", 500)).id).not.toBe(old.id);
  });
});

describe("a delivery that is delivered and not held any more", () => {
  test("is gone on with from the history", async () => {
    const history: Delivery[] = [];
    const deliveries = createAt({ now: start }, history);
    for (let count = 0; count < 100; count++) history.push(await attempt(deliveries, `w${count}`, 200));
    const again = await attempt(deliveries, "w0", 200);
    expect(again).toMatchObject({ id: history[0]?.id, attempts: [{ number: 1 }, { number: 2 }] });
  });

  test("stays delivered, with its id and number, even where no history has it", async () => {
    const deliveries = createAt({ now: start });
    const { id } = await attempt(deliveries, "first", 200);
    for (let count = 0; count < 100; count++) await attempt(deliveries, `w${count}`, 200);
    expect(await attempt(deliveries, "first", 500)).toMatchObject({
      id,
      state: "delivered",
      attempts: [{ number: 2, status: 500 }],
    });
  });
});

describe("deliveries of an earlier run", () => {
  test("are gone on with: the next attempt is the next number", async () => {
    const earlier = createAt({ now: start });
    await attempt(earlier, "w", 500);
    const before = await attempt(earlier, "w", 502);
    const deliveries = createAt({ now: start + hourMs });
    deliveries.restore([before]);
    const third = await attempt(deliveries, "w", 200);
    expect(third).toMatchObject({ id: before.id, createdAt: before.createdAt, state: "delivered" });
    expect(third.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test("that were delivered are known to be", async () => {
    const deliveries = createAt({ now: start });
    deliveries.restore([await attempt(createAt({ now: start }), "w", 200)]);
    expect(deliveries.needsNoCopy({ webhookId: "w", endpoint })).toBe(true);
  });

  test("take no other's place: not the emitted, not what is known already, not what has no id", async () => {
    const earlier = createAt({ now: start });
    const [old, nameless] = [await attempt(earlier, "w", 500), await attempt(earlier, null, 500)];
    const deliveries = createAt({ now: start });
    const known = await attempt(deliveries, "w", 500);
    deliveries.restore([old, nameless, { ...old, webhookId: "v", direction: "emitted" }]);
    expect((await attempt(deliveries, "w", 500)).id).toBe(known.id);
    expect((await attempt(deliveries, "v", 500)).id).not.toBe(old.id);
  });
});

describe("what the sender has given up", () => {
  test("is told once, 36 h after it began, as abandoned", async () => {
    const time = { now: start };
    const deliveries = createAt(time);
    const { id } = await attempt(deliveries, "w", 500);
    time.now = start + 36 * hourMs - 1;
    expect(deliveries.expire()).toEqual([]);
    time.now++;
    expect(deliveries.expire()).toMatchObject([{ id, state: "failed", failedReason: "abandoned" }]);
    expect(deliveries.expire()).toEqual([]);
    // Whoever comes after that begins anew.
    expect((await attempt(deliveries, "w", 500)).id).not.toBe(id);
  });

  test("is not what was delivered", async () => {
    const time = { now: start };
    const deliveries = createAt(time);
    await attempt(deliveries, "w", 200);
    time.now += 100 * hourMs;
    expect(deliveries.expire()).toEqual([]);
    expect(deliveries.needsNoCopy({ webhookId: "w", endpoint })).toBe(true);
  });
});

describe("a delivery that is brought to its end in another way", () => {
  test("is given back once, with its attempts, and neither known nor given up any more", async () => {
    const time = { now: start };
    const deliveries = createAt(time);
    const { id } = await attempt(deliveries, "w", 500);
    expect(deliveries.release(orderOf("w"))).toMatchObject({
      id,
      state: "pending",
      attempts: [{ status: 500 }],
    });
    expect(deliveries.release(orderOf("w"))).toBeUndefined();
    time.now += 37 * hourMs;
    expect(deliveries.expire()).toEqual([]);
    expect((await attempt(deliveries, "w", 500)).id).not.toBe(id);
  });

  test("is one that is pending, has a webhook-id, and that nobody is at", async () => {
    const deliveries = createAt({ now: start });
    await attempt(deliveries, "delivered", 200);
    await attempt(deliveries, null, 500);
    deliveries.begin(orderOf("under way"));
    for (const webhookId of ["delivered", null, "under way", "unknown"]) {
      expect(deliveries.release(orderOf(webhookId))).toBeUndefined();
    }
  });
});
