import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { Attempt } from "../../src/delivery/delivery.ts";
import { send } from "../../src/delivery/send.ts";
import { createWebhookRequest, type WebhookRequest } from "../../src/kinde/webhook.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";

const now = Date.UTC(2026, 0, 2);
const token = "e30.e30.c2ln";
const webhook = createWebhookRequest(token, "webhook-id-value");
const keptBytes = 64 * 1024;

describe("on the wire", () => {
  test("is a POST of the bare token, with no more headers than it needs", async () => {
    await using receiver = await startReceiver();
    await sendTo(receiver.url);
    const { method, url, headers, body } = await receiver.next();
    expect({ method, url, body: body.toString() }).toEqual({
      method: "POST",
      url: "/api/webhook",
      body: token,
    });
    expect(headers).toEqual({
      "content-type": "application/jwt",
      "webhook-id": "webhook-id-value",
      "content-length": String(token.length),
      host: `127.0.0.1:${receiver.port}`,
      connection: "keep-alive",
    });
  });
});

describe("an attempt", () => {
  test("has the answer, and when and how long", async () => {
    await using receiver = await startReceiver({
      answers: [(response) => void response.writeHead(500, { "x-app": "é" }).end("Ünexpected")],
    });
    const attempt = await sendTo(receiver.url);
    expect(attempt).toMatchObject({
      number: 3,
      startedAt: "2026-01-02T00:00:00.000Z",
      plannedDelayMs: 5_000,
      status: 500,
      error: null,
      request: {
        method: "POST",
        url: receiver.url,
        headers: { "content-type": "application/jwt", "webhook-id": "webhook-id-value" },
      },
      response: { headers: { "x-app": "é" }, body: "Ünexpected", truncated: false },
    });
    expect(attempt.durationMs).toBeGreaterThan(0);
  });

  test("does not follow a redirect", async () => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver({
      answers: [(response) => void response.writeHead(307, { location: elsewhere.url }).end()],
    });
    expect(await sendTo(receiver.url)).toMatchObject({ status: 307, error: null });
    expect(elsewhere.requests).toEqual([]);
  });

  test("keeps no credentials of either side", async () => {
    await using receiver = await startReceiver({
      answers: [
        (response: ServerResponse): void => {
          response.setHeader("Set-Cookie", ["session=secret", "other=secret"]);
          response.setHeader("Authorization", "secret");
          response.end("ok");
        },
      ],
    });
    const attempt = await sendTo(receiver.url, {
      ...webhook,
      headers: {
        ...webhook.headers,
        authorization: "secret",
        cookie: "secret",
        "proxy-authorization": "secret",
      },
    });
    expect(attempt.request.headers).toMatchObject({
      authorization: "[redacted]",
      cookie: "[redacted]",
      "proxy-authorization": "[redacted]",
    });
    expect(attempt.response?.headers).toMatchObject({
      "set-cookie": "[redacted]",
      authorization: "[redacted]",
    });
    expect(JSON.stringify(attempt)).not.toContain("secret");
    // Kept back from the record, not from the app.
    expect((await receiver.next()).headers).toMatchObject({ authorization: "secret", cookie: "secret" });
  });

  test.each([
    ["that just fits", "x".repeat(keptBytes), "x".repeat(keptBytes), false],
    ["that is too long", "x".repeat(keptBytes + 1), "x".repeat(keptBytes), true],
    [
      "cut in the middle of a character",
      `x${"é".repeat(keptBytes / 2)}`,
      `x${"é".repeat(keptBytes / 2 - 1)}`,
      true,
    ],
  ])("keeps the first 64 KiB of a body %s", async (_, sent, kept, truncated) => {
    await using receiver = await startReceiver({ answers: [(response) => void response.end(sent)] });
    const { response } = await sendTo(receiver.url);
    expect(response?.body === kept).toBe(true);
    expect(response?.truncated).toBe(truncated);
  });

  const cut: Answer = (_response, _request, incoming) => void incoming.socket.destroy();
  test.each<[string, Answer, number]>([
    ["ERR_TIMEOUT", () => {}, 100],
    ["ERR_CONNECTION_CLOSED", cut, 20_000],
  ])("without an answer has the error: %s", async (code, answer, timeoutMs) => {
    await using receiver = await startReceiver({ answers: [answer] });
    expect(await sendTo(receiver.url, webhook, timeoutMs)).toMatchObject({
      status: null,
      response: null,
      error: { code, message: expect.any(String) as string },
    });
  });

  test("of an endpoint where nothing listens has the error: ERR_CONNECTION_REFUSED", async () => {
    const port = await findFreePort();
    expect(await sendTo(`http://127.0.0.1:${port}/`)).toMatchObject({
      status: null,
      error: { code: "ERR_CONNECTION_REFUSED" },
    });
  });
});

async function sendTo(url: string, request: WebhookRequest = webhook, timeoutMs = 20_000): Promise<Attempt> {
  const options = { number: 3, plannedDelayMs: 5_000, now, timeoutMs };
  return (await send(new URL(url), request, options)).attempt;
}
