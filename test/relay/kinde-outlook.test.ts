import { describe, expect, test } from "vitest";
import type { Attempt, Delivery } from "../../src/delivery/delivery.ts";
import { createKindeOutlook, type KindeOutlook } from "../../src/relay/kinde-outlook.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const start = Date.UTC(2026, 0, 2);
const realIssuer = "https://acme.kinde.com";

function createAt(time: { now: number }): KindeOutlook {
  return createKindeOutlook({ realIssuer, now: () => time.now });
}

interface Ended {
  readonly atMs: number;
  readonly status: number | null;
}

/** A delivery of Kinde's whose attempts ended so, each in no time; its event happened at the first. */
function deliveryOf(attempts: readonly Ended[], members: Partial<Delivery> = {}): Delivery {
  const at = (ms: number): string => new Date(start + ms).toISOString();
  return sampleDelivery({
    direction: "relayed",
    verification: { status: "verified", kid: "00:01", issuer: realIssuer },
    event: { type: "user.created", id: "event_1", source: "api", timestamp: at(attempts[0]?.atMs ?? 0) },
    state: attempts.some(({ status }) => status === 200) ? "delivered" : "pending",
    attempts: attempts.map(({ atMs, status }, index) =>
      sampleAttempt({ number: index + 1, status, startedAt: at(atMs), durationMs: 0 }),
    ),
    ...members,
  });
}

function note(outlook: KindeOutlook, delivery: Delivery): void {
  outlook.note(delivery, delivery.attempts.at(-1) as Attempt);
}

describe("of a delivery", () => {
  test("the next attempt is expected by the schedule, and the webhook disabled 72 h after the failure", () => {
    const outlook = createAt({ now: start });
    const delivery = deliveryOf([{ atMs: 0, status: 500 }]);
    note(outlook, delivery);
    expect(outlook.expect(delivery)).toEqual({
      nextAttemptAt: new Date(start + 5 * second).toISOString(),
      disabledAt: new Date(start + 72 * hour).toISOString(),
    });
  });

  test("the attempts that met no tunnel are counted: seen over night, the next is hours away", () => {
    const outlook = createAt({ now: start + 5.3 * hour });
    const delivery = deliveryOf([
      { atMs: 0, status: 502 },
      { atMs: 5.22 * hour, status: 500 },
    ]);
    expect(outlook.expect(delivery)?.nextAttemptAt).toBe(new Date(start + 17.22 * hour).toISOString());
  });

  test("no attempt is expected after the last", () => {
    const outlook = createAt({ now: start + 30 * hour });
    const delivery = deliveryOf([
      { atMs: 0, status: 500 },
      { atMs: 29.2 * hour, status: 500 },
    ]);
    expect(outlook.expect(delivery)?.nextAttemptAt).toBeNull();
  });

  test.each<[string, Partial<Delivery>]>([
    [
      "this project's own key signed",
      { verification: { status: "verified", kid: "k", issuer: "http://localhost:4455" } },
    ],
    ["nobody verified", { verification: { status: "unverified", reason: "ERR_UNKNOWN_KID" } }],
    ["was delivered before", { state: "delivered" }],
  ])("that %s nothing is expected", (_, members) => {
    const outlook = createAt({ now: start });
    const delivery = deliveryOf([{ atMs: 0, status: 500 }], members);
    expect(outlook.expect(delivery)).toBeUndefined();
  });

  test.each([
    ["what this project signed", realIssuer, "http://localhost:4455"],
    ["anything, without a real issuer", undefined, realIssuer],
  ])("Kinde's webhook does not fail by %s", (_, issuer, signer) => {
    const outlook = createKindeOutlook({ realIssuer: issuer, now: () => start });
    note(
      outlook,
      deliveryOf([{ atMs: 0, status: 500 }], {
        verification: { status: "verified", kid: "k", issuer: signer },
      }),
    );
    expect(outlook.failing()).toEqual({
      isCalled: false,
      count: 0,
      nextAttemptAt: undefined,
      since: undefined,
    });
  });
});

describe("of the webhook", () => {
  test("events that fail are counted once each, with the earliest next attempt of all", () => {
    const outlook = createAt({ now: start + minute });
    note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: "a" }));
    note(
      outlook,
      deliveryOf(
        [
          { atMs: 0, status: 500 },
          { atMs: 5 * second, status: null },
        ],
        { webhookId: "a" },
      ),
    );
    note(outlook, deliveryOf([{ atMs: 59 * second, status: 404 }], { webhookId: "b" }));
    expect(outlook.failing()).toEqual({
      isCalled: true,
      count: 2,
      nextAttemptAt: start + 64 * second,
      since: start,
    });
  });

  test("a success ends the failing, of other events too; the events that failed are still tried again", () => {
    const outlook = createAt({ now: start + 2 * minute });
    note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: "a" }));
    note(outlook, deliveryOf([{ atMs: minute, status: 200 }], { webhookId: "b" }));
    expect(outlook.failing()).toMatchObject({ count: 1, since: undefined });
    note(outlook, deliveryOf([{ atMs: 2 * minute, status: 500 }], { webhookId: "c" }));
    expect(outlook.failing()).toMatchObject({ count: 2, since: start + 2 * minute });
  });

  test("an event that is delivered at last, or has no attempt left, fails no more", () => {
    const time = { now: start };
    const outlook = createAt(time);
    note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: "a" }));
    note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: "b" }));
    note(
      outlook,
      deliveryOf(
        [
          { atMs: 0, status: 500 },
          { atMs: 5_000, status: 200 },
        ],
        { webhookId: "a" },
      ),
    );
    expect(outlook.failing().count).toBe(1);
    time.now = start + 30 * hour;
    expect(outlook.failing()).toMatchObject({ count: 0, nextAttemptAt: undefined });
  });

  test.each([201, 204])("%i is neither: nobody knows what Kinde makes of it", (status) => {
    const outlook = createAt({ now: start });
    note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: "a" }));
    note(outlook, deliveryOf([{ atMs: minute, status }], { webhookId: "b" }));
    expect(outlook.failing()).toMatchObject({ count: 1, since: start });
  });

  test("it fails since the event happened, when the first attempts of it met no tunnel", () => {
    const outlook = createAt({ now: start + 5 * hour });
    const event = {
      type: "user.created",
      id: "event_1",
      source: "api",
      timestamp: new Date(start).toISOString(),
    };
    note(outlook, deliveryOf([{ atMs: 5 * hour, status: 500 }], { event }));
    expect(outlook.failing().since).toBe(start);
  });

  test("but not since before its latest success", () => {
    const outlook = createAt({ now: start + 5 * hour });
    note(outlook, deliveryOf([{ atMs: 4 * hour, status: 200 }], { webhookId: "b" }));
    const event = {
      type: "user.created",
      id: "event_1",
      source: "api",
      timestamp: new Date(start).toISOString(),
    };
    note(outlook, deliveryOf([{ atMs: 5 * hour, status: 500 }], { event }));
    expect(outlook.failing().since).toBe(start + 5 * hour);
  });

  test("the latest 2,000 that fail are counted", () => {
    const outlook = createAt({ now: start });
    for (let count = 0; count <= 2_000; count++) {
      note(outlook, deliveryOf([{ atMs: 0, status: 500 }], { webhookId: `w${count}` }));
    }
    expect(outlook.failing().count).toBe(2_000);
  });
});

describe("over a restart", () => {
  test("what an earlier run has seen is known: who fails, since when, and who called", () => {
    const outlook = createAt({ now: start + 3 * hour });
    outlook.restore([
      deliveryOf([{ atMs: 0, status: 500 }], {
        webhookId: "given up",
        state: "failed",
        failedReason: "abandoned",
      }),
      deliveryOf([{ atMs: hour, status: 200 }], { webhookId: "delivered" }),
      deliveryOf(
        [
          { atMs: 0, status: 500 },
          { atMs: 2 * hour, status: 500 },
        ],
        { webhookId: "failing" },
      ),
      deliveryOf(
        [
          { atMs: 0, status: 500 },
          { atMs: 1.5 * hour, status: 500 },
        ],
        { webhookId: "failing too" },
      ),
    ]);
    expect(outlook.failing()).toMatchObject({ isCalled: true, count: 2, since: start + 1.5 * hour });
  });

  test.each<[string, Partial<Delivery>]>([
    ["copies, of which Kinde did not hear", { isCopy: true }],
    ["what was emitted", { direction: "emitted" }],
    [
      "what another issuer signed",
      { verification: { status: "verified", kid: "k", issuer: "https://other.kinde.com" } },
    ],
  ])("%s count for nothing", (_, members) => {
    const outlook = createAt({ now: start });
    outlook.restore([deliveryOf([{ atMs: 0, status: 500 }], members)]);
    expect(outlook.failing()).toMatchObject({ isCalled: false, count: 0, since: undefined });
  });
});
