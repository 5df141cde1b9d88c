import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { noRetries, retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createHeldClock } from "./held-clock.ts";
import { sampleAttempt, sampleDelivery } from "./sample-delivery.ts";
import { createTestDispatcher, start } from "./test-dispatcher.ts";

const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
const redirect: Answer = (response) => void response.writeHead(302, { location: "/login" }).end();
const hang: Answer = () => {};
const hour = 3_600_000;

describe("a delivery without retries", () => {
  test.each<[string, Answer, number | undefined, Partial<Delivery>]>([
    ["200", 200, undefined, { state: "delivered", failedReason: null }],
    ["204", 204, undefined, { state: "failed", failedReason: "not_delivered" }],
    ["a redirect", redirect, undefined, { state: "failed", failedReason: "not_delivered" }],
    ["500", 500, undefined, { state: "failed", failedReason: "not_delivered" }],
    ["the end of the connection", cut, undefined, { state: "failed", failedReason: "not_delivered" }],
    ["204 where it is expected", 204, 204, { state: "delivered", failedReason: null }],
    ["200 where 204 is expected", 200, 204, { state: "failed", failedReason: "not_delivered" }],
  ])("is over after one attempt: %s", async (_, answer, expectedStatus, ended) => {
    await using receiver = await startReceiver({ answers: [answer] });
    await using dispatcher = createTestDispatcher();
    const delivery = await dispatcher.send(receiver.url, { schedule: noRetries, expectedStatus }).ended;
    expect(delivery).toMatchObject({ ...ended, nextAttemptAt: null });
    expect(delivery.attempts).toHaveLength(1);
    expect(delivery.attempts[0]).toMatchObject({ number: 1, plannedDelayMs: 0 });
    await dispatcher.advance(36 * hour);
    expect(receiver.requests).toHaveLength(1);
  });

  test("is over when the app has hung for as long as it may", async () => {
    await using receiver = await startReceiver({ answers: [hang] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url, { schedule: noRetries, timeoutMs: 100 });
    expect(await sent.ended).toMatchObject({
      state: "failed",
      failedReason: "not_delivered",
      attempts: [{ status: null, error: { code: "ERR_TIMEOUT" } }],
    });
  });

  test("is called off by its signal, and the request under way cut off", async () => {
    await using receiver = await startReceiver({ answers: [hang] });
    await using dispatcher = createTestDispatcher();
    const abort = new AbortController();
    const sent = dispatcher.send(receiver.url, { schedule: noRetries, signal: abort.signal });
    await receiver.next();
    abort.abort();
    expect(await sent.ended).toMatchObject({
      state: "failed",
      failedReason: "cancelled",
      attempts: [{ error: { code: "ERR_ABORTED" } }],
    });
  });

  test("is told at every change: pending before the request, ended after it", async () => {
    let changesAtRequest = 0;
    await using receiver = await startReceiver({
      answers: [
        (response) => {
          changesAtRequest = dispatcher.changes.length;
          response.end();
        },
      ],
    });
    await using dispatcher = createTestDispatcher();
    const ended = await dispatcher.send(receiver.url, { schedule: noRetries }).ended;
    expect(dispatcher.changes.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ["pending", 0],
      ["delivered", 1],
    ]);
    expect(dispatcher.changes[1]).toEqual(ended);
    expect(changesAtRequest).toBe(1);
  });
});

describe("a delivery with retries", () => {
  test("is attempted nine times, each after its delay from the end of the attempt before, and then exhausted", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    expect(await sent.attempted).toMatchObject({
      state: "pending",
      nextAttemptAt: new Date(start + 5_000).toISOString(),
    });
    await dispatcher.advance(40 * hour);
    const ended = await sent.ended;
    expect(ended).toMatchObject({ state: "failed", failedReason: "exhausted", nextAttemptAt: null });
    expect(ended.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(ended.attempts.map(({ plannedDelayMs }) => plannedDelayMs)).toEqual(retrySchedule);
    // The time stands still while the app answers: what lies between two beginnings is the delay alone.
    expect(startsOf(ended)).toEqual(sums(retrySchedule).map((ms) => start + ms));
    expect(receiver.requests).toHaveLength(9);
    expect(dispatcher.pending()).toEqual([]);
    expect(dispatcher.time.now()).toBe(start + 40 * hour);
  });

  test("counts the delay from the end of the attempt before, however long the app took", async () => {
    const clockOfApp: Answer = (response) => {
      dispatcher.time.moveTo(dispatcher.time.now() + 7_000);
      response.writeHead(500).end();
    };
    await using receiver = await startReceiver({ answers: [clockOfApp] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(42_000);
    const [delivery] = dispatcher.pending();
    expect(startsOf(delivery!)).toEqual([start, start + 12_000, start + 49_000]);
  });

  test("keeps its webhook-id and its token, byte for byte, over all attempts", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(40 * hour);
    const { token, webhookId } = await sent.ended;
    expect(receiver.requests.map(({ headers }) => headers["webhook-id"])).toEqual(Array(9).fill(webhookId));
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(Array(9).fill(token));
  });

  test.each([2, 5, 9])("ends with the first 200: attempt %i", async (number) => {
    await using receiver = await startReceiver({
      answers: [...Array<Answer>(number - 1).fill(500), 200, 500],
    });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(40 * hour);
    const ended = await sent.ended;
    expect(ended).toMatchObject({ state: "delivered", failedReason: null, nextAttemptAt: null });
    expect(ended.attempts.map(({ status }) => status)).toEqual([...Array<number>(number - 1).fill(500), 200]);
    expect(receiver.requests).toHaveLength(number);
  });

  test.each<[string, Answer]>([
    ["201", 201],
    ["204", 204],
    ["301", (response) => void response.writeHead(301, { location: "/elsewhere" }).end()],
    ["400", 400],
    ["429", 429],
    ["500", 500],
    ["no answer in time", hang],
    ["a cut connection", cut],
  ])("goes on after %s: 200 alone counts", async (_, answer) => {
    await using receiver = await startReceiver({ answers: [answer, 200] });
    await using dispatcher = createTestDispatcher();
    // As long for the second attempt, which is to be answered in time on a busy machine too.
    const sent = dispatcher.send(receiver.url, { timeoutMs: answer === hang ? 2_000 : 20_000 });
    expect(await sent.attempted).toMatchObject({ state: "pending", attempts: [{ number: 1 }] });
    await dispatcher.advance(5_000);
    expect((await sent.ended).state).toBe("delivered");
    expect(receiver.requests.map(({ url }) => url)).toEqual(["/api/webhook", "/api/webhook"]);
  });

  test("goes on when nobody listens, and is delivered once somebody does", async () => {
    const port = await findFreePort();
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(`http://127.0.0.1:${port}/api/webhook`);
    expect((await sent.attempted).attempts).toMatchObject([{ error: { code: "ERR_CONNECTION_REFUSED" } }]);
    await using back = await startReceiver({ port });
    await dispatcher.advance(5_000);
    expect((await sent.ended).state).toBe("delivered");
    expect(back.requests).toHaveLength(1);
  });

  test("counts the status that is expected, and it alone", async () => {
    await using receiver = await startReceiver({ answers: [200, 204] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url, { expectedStatus: 204 });
    await sent.attempted;
    await dispatcher.advance(5_000);
    expect(await sent.ended).toMatchObject({
      state: "delivered",
      attempts: [{ status: 200 }, { status: 204 }],
    });
  });

  test("is told at every change: begun, then after each attempt", async () => {
    await using receiver = await startReceiver({ answers: [500, 500, 200] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await dispatcher.advance(hour);
    expect(dispatcher.changes.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ["pending", 0],
      ["pending", 1],
      ["pending", 2],
      ["delivered", 3],
    ]);
    expect(dispatcher.changes.at(-1)).toBe(await sent.ended);
  });

  test("is told to its own listener in place of the dispatcher's, when it has one", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    await using dispatcher = createTestDispatcher();
    const changes: Delivery[] = [];
    const sent = dispatcher.send(receiver.url, { onChange: (delivery) => changes.push(delivery) });
    await sent.attempted;
    await dispatcher.advance(5_000);
    expect(changes.map(({ state }) => state)).toEqual(["pending", "pending", "delivered"]);
    expect(dispatcher.changes).toEqual([]);
  });
});

describe("a delivery of another process", () => {
  test("goes on where it was: with the next attempt, when it is due", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const attempts = [1, 2].map((number) => sampleAttempt({ number, status: 500 }));
    const nextAttemptAt = new Date(start + 60_000).toISOString();
    const delivery = sampleDelivery({ endpoint: receiver.url, attempts, nextAttemptAt });
    const resumed = dispatcher.resume(delivery, { group: "a", schedule: retrySchedule });
    expect(dispatcher.pending()).toEqual([delivery]);
    await dispatcher.advance(59_999);
    expect(receiver.requests).toHaveLength(0);
    await dispatcher.advance(1);
    expect((await resumed.attempted).attempts.at(-1)).toMatchObject({ number: 3, plannedDelayMs: 30_000 });
    await dispatcher.advance(40 * hour);
    expect(await resumed.ended).toMatchObject({ failedReason: "exhausted" });
    expect(receiver.requests).toHaveLength(7);
  });

  test.each([
    ["whose attempt was under way", null],
    ["that has been due for long", new Date(start - hour).toISOString()],
  ])("is attempted at once: one %s", async (_, nextAttemptAt) => {
    await using receiver = await startReceiver();
    await using dispatcher = createTestDispatcher();
    const delivery = sampleDelivery({ endpoint: receiver.url, nextAttemptAt });
    expect(await dispatcher.resume(delivery, { group: "a", schedule: retrySchedule }).ended).toMatchObject({
      state: "delivered",
    });
  });

  test("is due when its record says, by the clock on the wall, at any speed", async () => {
    await using receiver = await startReceiver();
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock, 3_600);
    await using dispatcher = createTestDispatcher({ clock, time });
    // Twelve hours of the schedule are twelve seconds there.
    const nextAttemptAt = new Date(start + 12_000).toISOString();
    const delivery = sampleDelivery({ endpoint: receiver.url, nextAttemptAt });
    const resumed = dispatcher.resume(delivery, { group: "a", schedule: retrySchedule });
    await clock.advance(11_999);
    expect(dispatcher.pending()).toEqual([delivery]);
    await clock.advance(1);
    const [attempt] = (await resumed.ended).attempts;
    expect(attempt?.startedAt).toBe(nextAttemptAt);
  });
});

test("a webhook that hangs does not hold up the others, nor their retries", async () => {
  await using hanging = await startReceiver({ answers: [hang] });
  await using refusing = await startReceiver({ answers: [500, 500, 200] });
  await using well = await startReceiver();
  await using dispatcher = createTestDispatcher({
    clock: systemClock,
    time: createScheduleClock(systemClock, 100_000),
  });
  const held = dispatcher.send(hanging.url);
  const others = [refusing, well].map(({ url }) => dispatcher.send(url).ended);
  expect((await Promise.all(others)).map(({ state }) => state)).toEqual(["delivered", "delivered"]);
  expect(dispatcher.pending()).toMatchObject([{ endpoint: hanging.url, attempts: [] }]);
  await dispatcher.cancel();
  expect((await held.ended).failedReason).toBe("cancelled");
});

test.each([100_000, 1_000_000])(
  "at %d times the speed of the clock each of many is attempted nine times, in order",
  async (speed) => {
    await using receiver = await startReceiver({ answers: [500] });
    const time = createScheduleClock(systemClock, speed);
    await using dispatcher = createTestDispatcher({ clock: systemClock, time });
    const sent = Array.from({ length: 5 }, () => dispatcher.send(receiver.url));
    for (const { ended } of sent) {
      const { failedReason, attempts } = await ended;
      expect(failedReason).toBe("exhausted");
      expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(attempts.map(({ plannedDelayMs }) => plannedDelayMs)).toEqual(retrySchedule);
    }
    expect(receiver.requests).toHaveLength(45);
  },
  30_000,
);

function startsOf({ attempts }: Delivery): number[] {
  return attempts.map(({ startedAt }) => Date.parse(startedAt));
}

/** Each with all before it. */
function sums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => (sum += value));
}

describe("while it is paused", () => {
  test("what falls due waits, and is attempted when it goes on", async () => {
    await using receiver = await startReceiver({ answers: [500, 200] });
    const time = createScheduleClock(systemClock);
    await using dispatcher = createTestDispatcher({ time, clock: systemClock });
    const sent = dispatcher.send(receiver.url, { schedule: [0, 1] });
    dispatcher.setPaused(true);
    // Under way already: that goes on.
    expect(await sent.attempted).toMatchObject({ state: "pending", attempts: [{ status: 500 }] });
    const resumed = dispatcher.resume(sampleDelivery({ id: "dlv_2", endpoint: receiver.url }), {
      group: receiver.url,
      schedule: [0],
    });
    // Longer than either is to wait.
    await systemClock.wait(50);
    expect(receiver.requests).toHaveLength(1);
    expect(dispatcher.pending()).toHaveLength(2);
    dispatcher.setPaused(false);
    expect(await sent.ended).toMatchObject({ state: "delivered" });
    expect(await resumed.ended).toMatchObject({ state: "delivered" });
  });

  test("what waits is kept for the next at the end", async () => {
    await using receiver = await startReceiver();
    const dispatcher = createTestDispatcher({ isKept: true });
    dispatcher.setPaused(true);
    const { ended } = dispatcher.resume(sampleDelivery({ endpoint: receiver.url }), {
      group: receiver.url,
      schedule: retrySchedule,
    });
    await dispatcher.close(0);
    dispatcher.setPaused(false);
    expect(await ended).toMatchObject({ state: "pending", attempts: [] });
    expect(receiver.requests).toEqual([]);
  });
});
