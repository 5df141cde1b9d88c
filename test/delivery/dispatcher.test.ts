import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { noRetries } from "../../src/kinde/retry-schedule.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createTestDispatcher } from "./test-dispatcher.ts";

const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
const redirect: Answer = (response) => void response.writeHead(302, { location: "/login" }).end();
const hang: Answer = () => {};

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
    await dispatcher.advance(36 * 3_600_000);
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
