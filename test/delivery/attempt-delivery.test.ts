import { expect, test } from "vitest";
import { deliver, type DeliverOptions } from "../../src/delivery/deliver.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createHeldClock } from "./held-clock.ts";
import { sampleDelivery } from "./sample-delivery.ts";

const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
const redirect: Answer = (response) => void response.writeHead(302, { location: "/login" }).end();

test.each<[string, Answer, number | undefined, Partial<Delivery>]>([
  ["200", 200, undefined, { state: "delivered", failedReason: null }],
  ["204", 204, undefined, { state: "failed", failedReason: "not_delivered" }],
  ["a redirect", redirect, undefined, { state: "failed", failedReason: "not_delivered" }],
  ["500", 500, undefined, { state: "failed", failedReason: "not_delivered" }],
  ["the end of the connection", cut, undefined, { state: "failed", failedReason: "not_delivered" }],
  ["204 where it is expected", 204, 204, { state: "delivered", failedReason: null }],
  ["200 where 204 is expected", 200, 204, { state: "failed", failedReason: "not_delivered" }],
])("%s ends a delivery after one attempt", async (_, answer, expectedStatus, ended) => {
  await using receiver = await startReceiver({ answers: [answer] });
  const delivery = await deliverTo(receiver.url, expectedStatus === undefined ? {} : { expectedStatus });
  expect(delivery).toMatchObject({ ...ended, nextAttemptAt: null });
  expect(delivery.attempts).toHaveLength(1);
  expect(delivery.attempts[0]).toMatchObject({ number: 1, plannedDelayMs: 0 });
  expect(receiver.requests).toHaveLength(1);
});

test("the app gets the token as it is, and the delivery's webhook-id", async () => {
  await using receiver = await startReceiver();
  await deliverTo(receiver.url);
  const { headers, body } = await receiver.next();
  expect(body.toString()).toBe(sampleDelivery().token);
  expect(headers["webhook-id"]).toBe(sampleDelivery().webhookId);
});

test("an app that hangs fails it with ERR_TIMEOUT", async () => {
  await using receiver = await startReceiver({ answers: [() => {}] });
  const delivery = await deliverTo(receiver.url, { timeoutMs: 100 });
  expect(delivery).toMatchObject({
    state: "failed",
    failedReason: "not_delivered",
    attempts: [{ status: null, error: { code: "ERR_TIMEOUT" } }],
  });
});

test("a signal cancels the request under way", async () => {
  await using receiver = await startReceiver({ answers: [() => {}] });
  const abort = new AbortController();
  const delivering = deliverTo(receiver.url, { signal: abort.signal });
  await receiver.next();
  abort.abort();
  expect(await delivering).toMatchObject({
    state: "failed",
    failedReason: "cancelled",
    attempts: [{ error: { code: "ERR_ABORTED" } }],
  });
});

test("every change is told: pending before the request, ended after it", async () => {
  const changes: Delivery[] = [];
  let changesAtRequest = 0;
  await using receiver = await startReceiver({
    answers: [
      (response) => {
        changesAtRequest = changes.length;
        response.end();
      },
    ],
  });
  const ended = await deliverTo(receiver.url, { onChange: (delivery) => changes.push(delivery) });
  expect(changes.map(({ state, attempts }) => [state, attempts.length])).toEqual([
    ["pending", 0],
    ["delivered", 1],
  ]);
  expect(changes[1]).toEqual(ended);
  expect(changesAtRequest).toBe(1);
});

test("the attempt begins at the time of the clock", async () => {
  await using receiver = await startReceiver();
  const delivery = await deliverTo(receiver.url, { clock: createHeldClock(Date.UTC(2030, 5, 1)) });
  expect(delivery.attempts[0]?.startedAt).toBe("2030-06-01T00:00:00.000Z");
});

async function deliverTo(endpoint: string, options: Partial<DeliverOptions> = {}): Promise<Delivery> {
  return await deliver(sampleDelivery({ endpoint }), {
    clock: createHeldClock(),
    timeoutMs: 20_000,
    ...options,
  });
}
