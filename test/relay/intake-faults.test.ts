/** What a sender or an app may do to a connection: nothing of it ends the process, or stays behind. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createRelayedDeliveries } from "../../src/relay/relayed-deliveries.ts";
import { requestBytes } from "../attacks/attack.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntake } from "./test-intake.ts";
import { openWire } from "./wire.ts";

test("a CONNECT that is reset ends that connection alone", async () => {
  await using app = await startReceiver();
  await using intake = await startTestIntake({ forwards: [app.url] });
  for (let count = 0; count < 20; count++) {
    const socket = connect(intake.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write("CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n");
    socket.resetAndDestroy();
  }
  await expect.poll(() => intake.refused.length).toBeGreaterThan(0);
  expect(await post(intake)).toBe(200);
});

test.each([
  ["a status line with colours in it", "500 \u001b[31mboom\u001b[0m", 500, "pending"],
  ["a status line with other letters in it", "200 na\u00efve", 200, "delivered"],
  ["a status that is none", "099 Odd", 502, "pending"],
])("an app that answers %s does not end us", async (_what, statusLine, status, state) => {
  await using app = await startRawApp(
    `HTTP/1.1 ${statusLine}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok`,
  );
  await using intake = await startTestIntake({ forwards: [app.url] });
  expect(await post(intake)).toBe(status);
  expect(intake.failures).toEqual([]);
  expect(intake.kept).toMatchObject([{ state }]);
});

test("an answer that waits behind another one is over when their connection is", async () => {
  const held = hold();
  await using app = await startReceiver({
    answers: [(response) => void held.then(() => response.end("ok"))],
  });
  await using intake = await startTestIntake({ forwards: [app.url] });
  const webhook = requestBytes({ headers: { "webhook-id": "a" }, body: createWebhook() }).toString("latin1");
  for (const behind of [webhook, webhook.slice(0, -5)]) {
    using wire = await openWire(intake.port);
    await wire.write(webhook + behind);
    await app.next();
  }
  held.release();
  await expect(intake.drain()).resolves.toBeUndefined();
});

test("garbage behind a webhook does not take the place of its answer", async () => {
  const held = hold();
  await using app = await startReceiver({
    answers: [(response) => void held.then(() => response.end("ok"))],
  });
  await using intake = await startTestIntake({ forwards: [app.url] });
  using wire = await openWire(intake.port);
  await wire.write(requestBytes({ headers: { "webhook-id": "a" }, body: createWebhook() }));
  await app.next();
  await wire.write("garbage\r\n\r\n");
  await expect.poll(() => intake.refused).toMatchObject([{ code: "ERR_MALFORMED_REQUEST", status: null }]);
  held.release();
  expect(await wire.answer()).toMatchObject({ status: 200 });
  expect(intake.kept).toMatchObject([{ state: "delivered" }]);
});

test("a copy that is under way is not sent again when the sender tries again", async () => {
  const held = hold();
  await using first = await startReceiver({ answers: [500, 200] });
  await using slow = await startReceiver({
    answers: [(response) => void held.then(() => response.end("ok"))],
  });
  await using intake = await startTestIntake({ forwards: [first.url, slow.url] });
  const token = createWebhook();
  expect([await post(intake, token), await post(intake, token)]).toEqual([500, 200]);
  held.release();
  await Promise.all(intake.relay.copies);
  expect(slow.requests).toHaveLength(1);
});

test("webhooks with an empty webhook-id are no attempts of one another", async () => {
  await using first = await startReceiver();
  await using second = await startReceiver();
  await using intake = await startTestIntake({ forwards: [first.url, second.url] });
  for (let count = 0; count < 3; count++) {
    expect(await post(intake, createWebhook(), "")).toBe(200);
    await Promise.all(intake.relay.copies);
  }
  expect([first.requests.length, second.requests.length]).toEqual([3, 3]);
  expect(new Set(intake.kept.map(({ id }) => id)).size).toBe(6);
  expect(intake.kept.every(({ webhookId }) => webhookId === null)).toBe(true);
});

test("a history that can't be read costs the earlier attempts, and no answer", async () => {
  await using app = await startReceiver();
  const recall = (): Promise<never> => Promise.reject(new Error("EACCES"));
  const deliveries = createRelayedDeliveries({ now: Date.now, randomBytes, recall });
  await using intake = await startTestIntake({ forwards: [app.url], deliveries });
  const token = createWebhook();
  await post(intake, token, "old");
  // As many as it takes for the first not to be held any more.
  for (let count = 0; count < 65; count++) await post(intake, createWebhook(), `later-${count}`);
  expect(await post(intake, token, "old")).toBe(200);
  expect(intake.failures).toEqual([]);
  expect(intake.kept.at(-1)).toMatchObject({ state: "delivered", attempts: [{ number: 2 }] });
});

async function post(
  intake: TestIntake,
  body: string = createWebhook(),
  id = "a",
): Promise<number | undefined> {
  using wire = await openWire(intake.port);
  await wire.write(requestBytes({ headers: { "webhook-id": id }, body }));
  return (await wire.answer())?.status;
}

/** An app that answers with these bytes, whatever it is asked. */
async function startRawApp(answer: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer, "latin1"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/api/webhook`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

/** What waits until the test lets it go on. */
function hold(): Promise<void> & { release(): void } {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  return Object.assign(held, { release: () => release() });
}
