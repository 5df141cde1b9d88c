import { expect, test } from "vitest";
import { attemptDelivery, type AttemptOptions } from "../../src/delivery/attempt-delivery.ts";
import type { Attempt, Delivery } from "../../src/delivery/delivery.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { createHeldClock } from "./held-clock.ts";
import { sampleAttempt, sampleDelivery } from "./sample-delivery.ts";

const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
const redirect: Answer = (response) => void response.writeHead(302, { location: "/login" }).end();

test.each<[string, Answer, Partial<Attempt>]>([
  ["200", 200, { status: 200, error: null }],
  ["204", 204, { status: 204, error: null }],
  ["a redirect", redirect, { status: 302, error: null }],
  ["500", 500, { status: 500, error: null }],
  [
    "the end of the connection",
    cut,
    { status: null, error: { code: "ERR_CONNECTION_CLOSED", message: expect.any(String) as string } },
  ],
])("%s ends an attempt, and the app is asked once", async (_, answer, made) => {
  await using receiver = await startReceiver({ answers: [answer] });
  expect(await attemptAt(receiver.url)).toMatchObject({ ...made, number: 1, plannedDelayMs: 0 });
  expect(receiver.requests).toHaveLength(1);
});

test("the app gets the token as it is, and the delivery's webhook-id", async () => {
  await using receiver = await startReceiver();
  await attemptAt(receiver.url);
  const { headers, body } = await receiver.next();
  expect(body.toString()).toBe(sampleDelivery().token);
  expect(headers["webhook-id"]).toBe(sampleDelivery().webhookId);
});

test("an app that hangs fails it with ERR_TIMEOUT", async () => {
  await using receiver = await startReceiver({ answers: [() => {}] });
  expect(await attemptAt(receiver.url, { timeoutMs: 100 })).toMatchObject({
    status: null,
    error: { code: "ERR_TIMEOUT" },
  });
});

test("a signal cuts off the request under way: ERR_ABORTED", async () => {
  await using receiver = await startReceiver({ answers: [() => {}] });
  const abort = new AbortController();
  const attempting = attemptAt(receiver.url, { signal: abort.signal });
  await receiver.next();
  abort.abort();
  expect(await attempting).toMatchObject({ status: null, error: { code: "ERR_ABORTED" } });
});

test("the attempt begins at the time of the clock", async () => {
  await using receiver = await startReceiver();
  const { startedAt } = await attemptAt(receiver.url, { clock: createHeldClock(Date.UTC(2030, 5, 1)) });
  expect(startedAt).toBe("2030-06-01T00:00:00.000Z");
});

test("the attempt has the number after those before, and the delay that the schedule had planned", async () => {
  await using receiver = await startReceiver();
  const attempts = [1, 2].map((number) => sampleAttempt({ number, status: 500 }));
  const attempt = await attemptAt(receiver.url, { plannedDelayMs: 30_000 }, { attempts });
  expect(attempt).toMatchObject({ number: 3, plannedDelayMs: 30_000 });
});

async function attemptAt(
  endpoint: string,
  options: Partial<AttemptOptions> = {},
  members: Partial<Delivery> = {},
): Promise<Attempt> {
  return await attemptDelivery(sampleDelivery({ endpoint, ...members }), {
    plannedDelayMs: 0,
    clock: createHeldClock(),
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    ...options,
  });
}
