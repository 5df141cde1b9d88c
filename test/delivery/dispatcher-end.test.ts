import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/delivery/clock.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { DevhookError } from "../../src/kinde/errors.ts";
import { noRetries } from "../../src/kinde/retry-schedule.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createTestDispatcher, start } from "./test-dispatcher.ts";

const hang: Answer = () => {};
const hour = 3_600_000;

describe("the signal of a delivery", () => {
  test("calls it off while it waits: no attempt comes any more", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const abort = new AbortController();
    const sent = dispatcher.send(receiver.url, { signal: abort.signal });
    const other = dispatcher.send(receiver.url);
    await Promise.all([sent.attempted, other.attempted]);
    abort.abort();
    expect(await sent.ended).toMatchObject({
      state: "failed",
      failedReason: "cancelled",
      nextAttemptAt: null,
    });
    await dispatcher.advance(40 * hour);
    expect((await sent.ended).attempts).toHaveLength(1);
    expect((await other.ended).attempts).toHaveLength(9);
  });

  test("cuts off the attempt under way, which stands in the record", async () => {
    await using receiver = await startReceiver({ answers: [500, hang] });
    await using dispatcher = createTestDispatcher();
    const abort = new AbortController();
    const sent = dispatcher.send(receiver.url, { signal: abort.signal });
    await sent.attempted;
    await receiver.next();
    const advancing = dispatcher.advance(hour);
    await receiver.next();
    abort.abort();
    await advancing;
    expect(await sent.ended).toMatchObject({
      failedReason: "cancelled",
      attempts: [{ status: 500 }, { error: { code: "ERR_ABORTED" } }],
    });
  });

  test("that had aborted before lets nothing reach the app", async () => {
    await using receiver = await startReceiver();
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url, { signal: AbortSignal.abort() });
    expect(await sent.ended).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(receiver.requests).toHaveLength(0);
  });

  test("has no say once the delivery has ended", async () => {
    await using receiver = await startReceiver();
    await using dispatcher = createTestDispatcher();
    const abort = new AbortController();
    const ended = await dispatcher.send(receiver.url, { signal: abort.signal }).ended;
    abort.abort();
    expect(ended.state).toBe("delivered");
    expect(dispatcher.changes).toHaveLength(2);
  });
});

describe("ending a group", () => {
  test("calls off those of it that wait, and none of another", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const [ended, other] = ["ended", "other"].map((group) => dispatcher.send(receiver.url, { group }));
    await Promise.all([ended!.attempted, other!.attempted]);
    dispatcher.endGroup("ended", "disabled");
    expect(await ended!.ended).toMatchObject({
      state: "failed",
      failedReason: "disabled",
      nextAttemptAt: null,
    });
    expect(dispatcher.pending()).toEqual([await other!.attempted]);
  });

  test.each([
    [500, { state: "failed", failedReason: "cancelled" }],
    [200, { state: "delivered", failedReason: null }],
  ] as const)("lets an attempt under way come to its end: %i", async (status, outcome) => {
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url, { group: "a" });
    await receiver.next();
    dispatcher.endGroup("a", "cancelled");
    held[0]?.writeHead(status).end();
    expect(await sent.ended).toMatchObject({ ...outcome, attempts: [{ status }] });
    await dispatcher.advance(hour);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe("what judges attempts", () => {
  test("hears of each but a cut-off one, and its reason ends a failed delivery", async () => {
    const judged: unknown[] = [];
    await using receiver = await startReceiver({ answers: [500, 500, hang] });
    await using dispatcher = createTestDispatcher({
      judge: (group, isDelivered) => {
        judged.push([group, isDelivered]);
        return judged.length === 2 ? "disabled" : undefined;
      },
    });
    const sent = dispatcher.send(receiver.url, { group: "a" });
    await sent.attempted;
    await dispatcher.advance(5_000);
    expect(await sent.ended).toMatchObject({ failedReason: "disabled", attempts: [{}, {}] });
    const cut = dispatcher.send(receiver.url, { group: "a" });
    for (let index = 0; index < 3; index++) await receiver.next();
    await dispatcher.cancel();
    expect((await cut.ended).failedReason).toBe("cancelled");
    expect(judged).toEqual([
      ["a", false],
      ["a", false],
    ]);
  });

  test("can't fail what was delivered", async () => {
    await using receiver = await startReceiver();
    await using dispatcher = createTestDispatcher({ judge: () => "disabled" });
    expect(await dispatcher.send(receiver.url).ended).toMatchObject({
      state: "delivered",
      failedReason: null,
    });
  });
});

describe("a dispatcher that stops", () => {
  test("calls off what waits, lets what is under way end, and attempts nothing more", async () => {
    const held: ServerResponse[] = [];
    await using refusing = await startReceiver({ answers: [500] });
    await using slow = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using dispatcher = createTestDispatcher();
    const waiting = dispatcher.send(refusing.url);
    const running = dispatcher.send(slow.url);
    await Promise.all([waiting.attempted, slow.next()]);
    dispatcher.stop();
    expect(await waiting.ended).toMatchObject({ state: "failed", failedReason: "cancelled" });
    held[0]?.writeHead(500).end();
    expect(await running.ended).toMatchObject({ failedReason: "cancelled", attempts: [{ status: 500 }] });
    await dispatcher.advance(40 * hour);
    expect([refusing.requests.length, slow.requests.length]).toEqual([1, 1]);
    expect(dispatcher.time.now()).toBe(start);
  });

  test("keeps what waits, and what an attempt leaves pending, for another process", async () => {
    const held: ServerResponse[] = [];
    await using refusing = await startReceiver({ answers: [500] });
    await using slow = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using dispatcher = createTestDispatcher({ isKept: true });
    const waiting = dispatcher.send(refusing.url);
    const running = dispatcher.send(slow.url);
    await Promise.all([waiting.attempted, slow.next()]);
    dispatcher.stop();
    const next = new Date(start + 5_000).toISOString();
    expect(await waiting.ended).toMatchObject({ state: "pending", nextAttemptAt: next });
    held[0]?.writeHead(500).end();
    expect(await running.ended).toMatchObject({ state: "pending", nextAttemptAt: next });
    expect(dispatcher.pending().map(({ endpoint }) => endpoint)).toEqual([refusing.url, slow.url]);
    // Nobody is told of an end that is none.
    expect(dispatcher.changes.map(({ state }) => state)).toEqual(Array(4).fill("pending"));
  });

  test("fails what has but one attempt, kept or not", async () => {
    await using receiver = await startReceiver({ answers: [hang] });
    const dispatcher = createTestDispatcher({ isKept: true });
    const sent = dispatcher.send(receiver.url, { schedule: noRetries });
    await receiver.next();
    await dispatcher.close(0);
    expect(await sent.ended).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(dispatcher.pending()).toEqual([]);
  });
});

describe("a dispatcher that closes", () => {
  test.each([
    [false, { state: "failed", failedReason: "cancelled", nextAttemptAt: null }],
    [true, { state: "pending", failedReason: null, nextAttemptAt: new Date(start).toISOString() }],
  ] as const)("cuts off what takes longer than its grace; kept: %s", async (isKept, outcome) => {
    await using receiver = await startReceiver({ answers: [hang] });
    const dispatcher = createTestDispatcher({ isKept });
    const sent = dispatcher.send(receiver.url);
    await receiver.next();
    await dispatcher.close(10);
    expect(await sent.ended).toMatchObject({ ...outcome, attempts: [{ error: { code: "ERR_ABORTED" } }] });
  });

  test("waits for what ends within its grace", async () => {
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    const dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await receiver.next();
    const closing = dispatcher.close(20_000);
    held[0]?.end();
    await closing;
    expect((await sent.ended).state).toBe("delivered");
  });

  test("ends at once when nothing is under way, however long the next attempt is off", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    const time = createScheduleClock(systemClock);
    const dispatcher = createTestDispatcher({ clock: systemClock, time, isKept: true });
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.close(20_000);
    expect((await sent.ended).state).toBe("pending");
  });

  test("lets nothing of what comes after it reach the app", async () => {
    await using receiver = await startReceiver();
    const dispatcher = createTestDispatcher();
    await dispatcher.close(0);
    expect(await dispatcher.send(receiver.url).ended).toMatchObject({
      state: "failed",
      failedReason: "cancelled",
    });
    expect(receiver.requests).toHaveLength(0);
  });
});

test("what comes of a pending delivery is told by its id, and of no other", async () => {
  await using receiver = await startReceiver({ answers: [500, 200] });
  await using dispatcher = createTestDispatcher();
  const { id } = await dispatcher.send(receiver.url).attempted;
  const ended = dispatcher.untilEnded(id);
  expect(dispatcher.untilEnded("dlv_another")).toBeUndefined();
  await dispatcher.advance(5_000);
  expect(await ended).toMatchObject({ id, state: "delivered" });
  expect(dispatcher.untilEnded(id)).toBeUndefined();
});

describe("what is sent in half first", () => {
  const schedule = noRetries;

  test("comes whole at once while the time is moved ahead: an app that answers only then is not waited for", async () => {
    await using handler = await startReceiver();
    await using dispatcher = createTestDispatcher();
    const cut = async (): Promise<void> => void (await dispatcher.sendCut(handler.url, { schedule }).ended);
    const answer: Answer = (response: ServerResponse) => void cut().then(() => response.end());
    await using receiver = await startReceiver({ answers: [500, answer] });
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(5_000);
    expect((await sent.ended).attempts).toMatchObject([{ status: 500 }, { status: 200 }]);
  });

  test("and is stopped before the whole was called off: nothing is said of its app", async () => {
    await using receiver = await startReceiver();
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.sendCut(receiver.url, { schedule });
    dispatcher.stop();
    const ended = await sent.ended;
    expect(ended).toMatchObject({ state: "failed", failedReason: "cancelled", attempts: [{ status: null }] });
    expect(ended).not.toHaveProperty("verdict");
  });
});

describe("what attempts run in", () => {
  class GoneError extends DevhookError {
    override readonly code = "ERR_GONE";
  }

  test("is entered for each attempt, retries as well", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    const entered: number[] = [];
    await using dispatcher = createTestDispatcher({
      around: async (work) => {
        entered.push(receiver.requests.length);
        return await work();
      },
    });
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(hour);
    expect(await sent.ended).toMatchObject({ state: "delivered" });
    expect(entered).toEqual([0, 1]);
  });

  test("ends a delivery when it can't be entered: whoever waits gets its error, and nothing is pending", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    let isGone = false;
    await using dispatcher = createTestDispatcher({
      around: async (work) => {
        if (isGone) throw new GoneError("it has gone");
        return await work();
      },
    });
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    isGone = true;
    await dispatcher.advance(hour);
    await expect(sent.ended).rejects.toMatchObject({ code: "ERR_GONE" });
    expect(dispatcher.pending()).toEqual([]);
    expect(dispatcher.changes.at(-1)).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(receiver.requests).toHaveLength(1);
  });
});
