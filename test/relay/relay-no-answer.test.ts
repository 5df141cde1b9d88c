import { describe, expect, test } from "vitest";
import { requestBytes } from "../attacks/attack.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startTcpServer } from "../net/tcp-server.ts";
import { createWebhook } from "./create-webhook.ts";
import { startTestIntake, type TestIntakeOptions } from "./test-intake.ts";
import { openWire } from "./wire.ts";

/** What the sender gets of one webhook, and what stands in the one record. */
async function outcomeOf(forward: string, options: Partial<TestIntakeOptions> = {}): Promise<object> {
  await using intake = await startTestIntake({ ...options, forwards: [forward] });
  using wire = await openWire(intake.port);
  await wire.write(requestBytes({ body: createWebhook() }));
  const answer = await wire.answer();
  expect(intake.failures).toEqual([]);
  const records = intake.kept.map(({ state, attempts }) => [
    state,
    ...attempts.map(({ error }) => error?.code),
  ]);
  return { status: answer?.status, bytes: answer?.body.length, records };
}

const pending = (status: number, code: string): object => ({
  status,
  bytes: 0,
  records: [["pending", code]],
});

describe("an app that does not answer", () => {
  test("because it is down: 502", async () => {
    const port = await findFreePort();
    expect(await outcomeOf(`http://localhost:${port}/`)).toEqual(pending(502, "ERR_CONNECTION_REFUSED"));
  });

  test("in time: 504", async () => {
    await using app = await startReceiver({ answers: [() => {}] });
    expect(await outcomeOf(app.url, { timeoutMs: 100 })).toEqual(pending(504, "ERR_TIMEOUT"));
  });

  test("to the end in time: 504", async () => {
    await using app = await startReceiver({
      answers: [(response) => void response.writeHead(200).write("part")],
    });
    expect(await outcomeOf(app.url, { timeoutMs: 300 })).toEqual(pending(504, "ERR_TIMEOUT"));
  });

  test.each([
    ["at once", ""],
    ["in the head", "HTTP/1.1 200 OK\r\nContent-"],
    ["in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart"],
    ["in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
  ])("because it closes early, %s: 502", async (_, answer) => {
    await using app = await startTcpServer((socket) => void socket.once("data", () => socket.end(answer)));
    expect(await outcomeOf(`http://127.0.0.1:${app.port}/`)).toEqual(pending(502, "ERR_CONNECTION_CLOSED"));
  });

  test.each([
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n", "ERR_CONNECTION_FAILED"],
    [
      "two framings",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
      "ERR_CONNECTION_FAILED",
    ],
    [
      "an upgrade nobody asked for",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
      "ERR_CONNECTION_CLOSED",
    ],
  ])("in HTTP but by %s: 502", async (_, answer, code) => {
    await using app = await startTcpServer((socket) => void socket.once("data", () => socket.end(answer)));
    expect(await outcomeOf(`http://127.0.0.1:${app.port}/`)).toEqual(pending(502, code));
  });

  test("in 32 MiB or less: 502", async () => {
    await using app = await startReceiver({
      answers: [(response) => void response.end(Buffer.alloc((32 << 20) + 1))],
    });
    expect(await outcomeOf(app.url)).toEqual(pending(502, "ERR_ANSWER_TOO_LARGE"));
  });

  test("before the tunnel ends: 503, and the sender tries again", async () => {
    const abort = new AbortController();
    await using app = await startReceiver({ answers: [() => abort.abort()] });
    expect(await outcomeOf(app.url, { abort: abort.signal })).toEqual(pending(503, "ERR_ABORTED"));
  });
});
