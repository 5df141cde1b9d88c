import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { request, type RequestOptions, type Response } from "../../src/net/request.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";
import { startTcpServer } from "./tcp-server.ts";

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const kept = 1024;
const drained = 1 << 20;

async function ask(url: string, options: Partial<RequestOptions> = {}): Promise<Response> {
  return await request(new URL(url), {
    method: "GET",
    headers: {},
    timeoutMs: 20_000,
    maxBodyBytes: kept,
    ...options,
  });
}

describe("what goes out", () => {
  test("sends the body byte for byte, with its exact length", async () => {
    await using receiver = await startReceiver();
    await ask(receiver.url, { method: "POST", headers: { "x-name": "value" }, body: everyByte });
    const { method, url, headers, body } = await receiver.next();
    expect({ method, url }).toEqual({ method: "POST", url: "/api/webhook" });
    expect(body).toEqual(everyByte);
    expect(headers).toMatchObject({ "content-length": "256", "x-name": "value" });
    expect(headers).not.toHaveProperty("transfer-encoding");
  });

  test("sends path and query as the URL has them", async () => {
    await using receiver = await startReceiver();
    await ask(`http://127.0.0.1:${receiver.port}//a/%2e%20b?x=1&y=%C3%A9#part`);
    expect((await receiver.next()).url).toBe("//a/%2e%20b?x=1&y=%C3%A9");
  });

  test("uses one connection for requests in a row", async () => {
    const ports: (number | undefined)[] = [];
    const answer = (response: ServerResponse, _: unknown, incoming: IncomingMessage): void => {
      ports.push(incoming.socket.remotePort);
      response.end("body");
    };
    await using receiver = await startReceiver({ answers: [answer] });
    await ask(receiver.url);
    await ask(receiver.url);
    expect(ports).toEqual([ports[0], ports[0]]);
  });
});

describe("what comes back", () => {
  test("is the answer byte for byte", async () => {
    const answer = (response: ServerResponse): void => {
      response.writeHead(418, { "content-type": "text/x", "x-kind": "teapot" }).end(everyByte);
    };
    await using receiver = await startReceiver({ answers: [answer] });
    const response = await ask(receiver.url);
    expect(response).toMatchObject({ status: 418, isTruncated: false, headers: { "x-kind": "teapot" } });
    expect(response.body).toEqual(everyByte);
  });

  test.each([
    ["one byte below the limit", kept - 1, false],
    ["exactly the limit", kept, false],
    ["one byte over the limit", kept + 1, true],
    ["more than is read to keep the connection", kept + drained + (1 << 18), true],
  ])("keeps the first bytes of a body of %s", async (_, size, isTruncated) => {
    const sent = Buffer.alloc(size, everyByte);
    await using receiver = await startReceiver({ answers: [(response) => void response.end(sent)] });
    const response = await ask(receiver.url);
    expect(response.isTruncated).toBe(isTruncated);
    expect(response.body.equals(sent.subarray(0, kept))).toBe(true);
  });

  test("is cut, and its connection ended, when the body does not end", async () => {
    let ended: Promise<unknown> | undefined;
    const answer = (response: ServerResponse): void => {
      ended = once(response, "close");
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16, "x")));
      };
      response.on("drain", pour);
      pour();
    };
    await using receiver = await startReceiver({ answers: [answer] });
    expect(await ask(receiver.url)).toMatchObject({ status: 200, isTruncated: true });
    await ended;
  });

  test.each([301, 302, 307, 308])("is the redirect itself when the answer is %i", async (status) => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver({
      answers: [(response) => void response.writeHead(status, { location: elsewhere.url }).end()],
    });
    const response = await ask(receiver.url, { method: "POST", body: everyByte });
    expect(response).toMatchObject({ status, headers: { location: elsewhere.url } });
    expect(elsewhere.requests).toEqual([]);
  });

  test("may take longer than an idle connection is kept", async () => {
    const answer = async (response: ServerResponse): Promise<void> => {
      await sleep(1_300);
      response.end("at last");
    };
    await using receiver = await startReceiver({ answers: [answer] });
    expect((await ask(receiver.url)).body.toString()).toBe("at last");
  });
});

describe("no whole answer", () => {
  test("is ERR_CONNECTION_REFUSED where nothing listens", async () => {
    const port = await findFreePort();
    await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_REFUSED" });
  });

  test("is ERR_CONNECTION_REFUSED where nothing listens at any address of localhost", async () => {
    const port = await findFreePort();
    await expect(ask(`http://localhost:${port}/`)).rejects.toMatchObject({ code: "ERR_CONNECTION_REFUSED" });
  });

  test("is ERR_HOST_NOT_FOUND for a name that nobody has", async () => {
    await expect(ask("http://nobody.invalid/")).rejects.toMatchObject({ code: "ERR_HOST_NOT_FOUND" });
  });

  test("is ERR_TIMEOUT when the server hangs", async () => {
    await using receiver = await startReceiver({ answers: [() => {}] });
    await expect(ask(receiver.url, { timeoutMs: 100 })).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringContaining("no answer within 0.1 s"),
    });
  });

  test("is ERR_TIMEOUT when the body does not end", async () => {
    const answer = (response: ServerResponse): void => void response.writeHead(200).write("and then");
    await using receiver = await startReceiver({ answers: [answer] });
    await expect(ask(receiver.url, { timeoutMs: 500 })).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringContaining("did not end"),
    });
  });

  test.each([
    ["before the head", (_: ServerResponse, incoming: IncomingMessage) => incoming.socket.destroy()],
    [
      "after the head, with a length",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("part", () => response.socket?.destroy());
      },
    ],
    [
      "after the head, without a length",
      (response: ServerResponse) => {
        response.writeHead(200);
        response.write("part", () => response.socket?.destroy());
      },
    ],
  ])("is ERR_CONNECTION_CLOSED when the server ends the connection %s", async (_, cut) => {
    await using receiver = await startReceiver({
      answers: [(response, _request, incoming) => void cut(response, incoming)],
    });
    await expect(ask(receiver.url, { method: "POST", body: everyByte })).rejects.toMatchObject({
      code: "ERR_CONNECTION_CLOSED",
    });
  });

  test("is ERR_CONNECTION_FAILED when the server speaks no HTTP", async () => {
    await using server = await startTcpServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    await expect(ask(`http://127.0.0.1:${server.port}/`)).rejects.toMatchObject({
      code: "ERR_CONNECTION_FAILED",
    });
  });

  test("is ERR_TLS when the server speaks plain HTTP to an https URL", async () => {
    await using receiver = await startReceiver();
    await expect(ask(`https://127.0.0.1:${receiver.port}/`)).rejects.toMatchObject({ code: "ERR_TLS" });
  });

  test("is ERR_ABORTED when the signal comes first", async () => {
    await using receiver = await startReceiver({ answers: [() => {}] });
    const abort = new AbortController();
    const asked = ask(receiver.url, { signal: abort.signal });
    await receiver.next();
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  test("is ERR_ABORTED, and nothing is sent, when the signal came before", async () => {
    await using receiver = await startReceiver();
    await expect(ask(receiver.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ERR_ABORTED",
    });
    expect(receiver.requests).toEqual([]);
  });
});

describe("the name localhost", () => {
  test.each(["localhost", "app.localhost"])(
    "reaches, as %s, what listens on 127.0.0.1 only",
    async (name) => {
      await using receiver = await startReceiver({ host: "127.0.0.1", answers: [202] });
      expect(await ask(`http://${name}:${receiver.port}/`)).toMatchObject({ status: 202 });
      expect((await receiver.next()).headers.host).toBe(`${name}:${receiver.port}`);
    },
  );

  test.runIf(hasIpv6Loopback).each(["localhost", "app.localhost"])(
    "reaches, as %s, what listens on ::1 only",
    async (name) => {
      await using receiver = await startReceiver({ host: "::1", answers: [202] });
      expect(await ask(`http://${name}:${receiver.port}/`)).toMatchObject({ status: 202 });
    },
  );
});
