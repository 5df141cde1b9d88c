/** `kinde.clock`, and what becomes of webhooks that fail as long as it says. */
import { describe, expect, test } from "vitest";
import { startMockKinde, type MockKinde } from "../../src/index.ts";
import { claimsOf } from "../e2e/app.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { fetchToken } from "../issuer/routes/management-mock.ts";
import { decodePart } from "../kinde/craft-token.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const hour = 3_600_000;

async function startAt(receiver: Receiver): Promise<MockKinde> {
  return await startMockKinde({ signingKey, now, webhooks: [{ endpoint: receiver.url }] });
}

describe("advance", () => {
  test("makes every retry that falls due, each at its time, and resolves when they are answered", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startAt(receiver);
    const delivery = await kinde.emit("user.created");
    expect(delivery).toMatchObject({ state: "pending", nextAttemptAt: new Date(now + 5_000).toISOString() });
    await kinde.clock.advance("5s");
    expect(receiver.requests).toHaveLength(2);
    await kinde.clock.advance("30s");
    expect(receiver.requests).toHaveLength(3);
    await kinde.clock.advance("2h");
    expect(receiver.requests).toHaveLength(6);
    await kinde.clock.advance("36h");
    expect(receiver.requests).toHaveLength(9);
    expect(kinde.deliveries).toMatchObject([{ id: delivery.id, state: "failed", failedReason: "exhausted" }]);
    expect(await kinde.waitFor(({ state }) => state === "failed")).toBe(kinde.deliveries[0]);
  });

  test("moves with `now` the time of events, records and access tokens, to which it stands still otherwise", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startAt(receiver);
    const timeOfToken = async (): Promise<number> => {
      const token = await fetchToken(kinde.port);
      return (JSON.parse(decodePart(token, 1)) as { iat: number }).iat;
    };
    const before = await timeOfToken();
    await kinde.emit("user.created");
    await kinde.emit("user.created");
    await kinde.clock.advance("2h");
    const after = await kinde.emit("user.updated");
    const later = new Date(now + 2 * hour).toISOString();
    expect(kinde.clock.now.toISOString()).toBe(later);
    expect(after).toMatchObject({
      createdAt: later,
      event: { timestamp: later },
      attempts: [{ startedAt: later }],
    });
    expect(claimsOf(receiver.requests.at(-1)!).timestamp).toBe(later);
    expect(after.event?.id).toContain((now + 2 * hour).toString(16));
    expect((await timeOfToken()) - before).toBe(7_200);
    expect(kinde.deliveries.slice(0, 2).map(({ createdAt }) => createdAt)).toEqual(
      Array(2).fill(new Date(now).toISOString()),
    );
  });

  test("moves without `now` only what waits for its turn", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const startedAt = Date.now();
    await kinde.emit("user.created");
    await kinde.clock.advance("300d");
    const { createdAt, event, attempts } = await kinde.emit("user.created");
    expect(kinde.clock.now.getTime() - startedAt).toBeGreaterThanOrEqual(300 * 24 * hour);
    const endedAt = Date.now();
    for (const time of [createdAt, event!.timestamp, attempts[0]!.startedAt]) {
      expect(Date.parse(time)).toBeGreaterThanOrEqual(startedAt);
      expect(Date.parse(time)).toBeLessThanOrEqual(endedAt);
    }
    expect(kinde.deliveries[0]).toMatchObject({ state: "delivered", attempts: [{}, {}] });
    expect(Date.parse(kinde.deliveries[0]!.attempts[1]!.startedAt)).toBeLessThanOrEqual(endedAt);
  });

  test("by a part of a millisecond leaves no trace in ids and times", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startAt(receiver);
    for (const by of [0.4, "0.0004s", 0.3]) await kinde.clock.advance(by);
    const { event } = await kinde.emit("user.created");
    expect(event?.id).toMatch(/^event_[\da-f]{32}$/);
    expect(event?.timestamp).toBe(new Date(now).toISOString());
  });

  test.each([-1, "-2h", "soon", "", Number.NaN, Infinity, null, undefined, {}, "366d", true])(
    "by %o is refused, and time stays: ERR_INVALID_OPTION",
    async (by) => {
      await using kinde = await startMockKinde({ signingKey, now });
      await expect(kinde.clock.advance(by as string)).rejects.toMatchObject({ code: "ERR_INVALID_OPTION" });
      expect(kinde.clock.now.getTime()).toBe(now);
    },
  );
});

describe("a reset", () => {
  test("sets the clock back and calls retries off: no request of them reaches the app any more", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startAt(receiver);
    await kinde.emit("user.created");
    await kinde.clock.advance("1h");
    await kinde.reset();
    const made = receiver.requests.length;
    expect(kinde.clock.now.getTime()).toBe(now);
    expect(kinde.deliveries).toEqual([]);
    await kinde.clock.advance("40h");
    expect(receiver.requests).toHaveLength(made);
    expect((await kinde.emit("user.created")).createdAt).toBe(new Date(now + 40 * hour).toISOString());
  });

  test("ends the moves that are under way or wait for their turn", async () => {
    await using receiver = await startReceiver({ answers: [500, () => {}] });
    await using kinde = await startAt(receiver);
    await kinde.emit("user.created");
    await receiver.next();
    const moves = [kinde.clock.advance("1h"), kinde.clock.advance("2h")];
    await receiver.next();
    await Promise.all([kinde.reset(), ...moves]);
    expect(kinde.clock.now.getTime()).toBe(now);
    expect(receiver.requests).toHaveLength(2);
  });
});

describe("a webhook", () => {
  test("that has failed for 72 hours is disabled: emit says so, ERR_WEBHOOK_DISABLED, until it is enabled", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startAt(receiver);
    const [{ id }] = kinde.webhooks as [MockKinde["webhooks"][number]];
    await kinde.emit("user.created");
    await kinde.clock.advance("72h");
    expect(kinde.webhooks).toMatchObject([{ id, isDisabled: false }]);
    expect(await kinde.emit("user.created")).toMatchObject({ state: "failed", failedReason: "disabled" });
    expect(kinde.webhooks).toMatchObject([{ id, isDisabled: true }]);
    await expect(kinde.emit("user.created")).rejects.toMatchObject({
      code: "ERR_WEBHOOK_DISABLED",
      webhookId: id,
      message: expect.stringContaining(`kinde.enableWebhook("${id}")`) as string,
    });
    expect(kinde.enableWebhook(id)).toMatchObject({ id, isDisabled: false });
    expect(await kinde.emit("user.created")).toMatchObject({ state: "pending" });
  });

  test("is disabled by hand: what is pending for it fails, and a URL gets events all the same", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using kinde = await startAt(receiver);
    await kinde.emit("user.created");
    expect(kinde.disableWebhook(kinde.webhooks[0]!.id)).toMatchObject({ isDisabled: true });
    expect(kinde.deliveries).toMatchObject([{ state: "failed", failedReason: "disabled" }]);
    await kinde.clock.advance("40h");
    expect(receiver.requests).toHaveLength(1);
    expect(await kinde.emit("user.created", { to: receiver.url })).toMatchObject({
      attempts: [{ status: 500 }],
    });
  });

  test.each(["enableWebhook", "disableWebhook"] as const)(
    "that is not there makes %s fail: ERR_INVALID_OPTION, with those there are",
    async (verb) => {
      await using receiver = await startReceiver();
      await using kinde = await startAt(receiver);
      for (const id of ["webhook_0", "", 7, undefined, null]) {
        expect(() => kinde[verb](id as string)).toThrow(
          expect.objectContaining({ code: "ERR_INVALID_OPTION", option: `id of ${verb}` }),
        );
      }
      expect(() => kinde[verb]("webhook_0")).toThrow(kinde.webhooks[0]!.id);
      await using none = await startMockKinde({ signingKey });
      expect(() => none[verb]("webhook_0")).toThrow("there is none");
    },
  );
});
