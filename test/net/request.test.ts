import { getEventListeners, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { RequestError } from "../../src/net/request-error.ts";
import { request, type RequestOptions, type Response } from "../../src/net/request.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";
import { selfSigned } from "./self-signed.ts";
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

  test("is ERR_TIMEOUT when the server hangs, and tells the time without fractions of milliseconds", async () => {
    await using receiver = await startReceiver({ answers: [() => {}] });
    await expect(ask(receiver.url, { timeoutMs: 99.999_94 })).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringContaining("no answer within 0.1 s"),
    });
  });

  test("is no ERR_TIMEOUT when the answer came in time, and this process was held up until after that", async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const server = new Worker(answeringWorker, { eval: true, workerData: answered });
    try {
      const [port] = (await once(server, "message")) as [number];
      const url = `http://127.0.0.1:${port}/`;
      // Its connection is kept for the next, which so goes out before anything is waited for.
      await ask(url);
      await turn();
      const asked = ask(url, { timeoutMs: 50 });
      const isOver = performance.now() + 60;
      await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
      for (let count = 0; count < 2; count = Atomics.load(answered, 0)) {
        expect(Atomics.wait(answered, 0, count, 20_000)).not.toBe("timed-out");
      }
      while (performance.now() < isOver);
      expect(await asked).toMatchObject({ status: 200 });
    } finally {
      await server.terminate();
    }
  });

  test("is ERR_TIMEOUT when the body does not end", async () => {
    const answer = (response: ServerResponse): void => void response.writeHead(200).write("and then");
    await using receiver = await startReceiver({ answers: [answer] });
    // The head is to come in time, on a busy machine too.
    await expect(ask(receiver.url, { timeoutMs: 2_000 })).rejects.toMatchObject({
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

describe("headers", () => {
  test("given as a flat list go out in their order, with their case, twice where they are twice", async () => {
    await using receiver = await startReceiver();
    const headers = ["X-First", "1", "x-Many", "a", "X-MANY", "b", "x-empty", "", "x-Last", "é"];
    await ask(receiver.url, { method: "POST", headers, body: everyByte });
    const { rawHeaders, body } = await receiver.next();
    expect(rawHeaders.slice(0, 14)).toEqual([
      "host",
      `127.0.0.1:${receiver.port}`,
      ...headers,
      "content-length",
      "256",
    ]);
    expect(body).toEqual(everyByte);
  });

  test("given as a flat list say that a body is empty, too", async () => {
    await using receiver = await startReceiver();
    await ask(receiver.url, { method: "POST", headers: ["x-a", "1"] });
    expect((await receiver.next()).headers).toMatchObject({ "content-length": "0", "x-a": "1" });
  });

  test("that HTTP can't carry are ERR_CONNECTION_FAILED, and nothing is sent", async () => {
    await using receiver = await startReceiver();
    for (const headers of [["x-a", "1\r\nx-b: 2"], ["x a", "1"], { "x-a": "1\n2" }]) {
      await expect(ask(receiver.url, { headers })).rejects.toMatchObject({ code: "ERR_CONNECTION_FAILED" });
    }
    expect(receiver.requests).toEqual([]);
  });

  test("of the answer are there as they came, and by name", async () => {
    const sent = ["X-Kind", "teapot", "Set-Cookie", "a=1", "set-cookie", "b=2", "Content-Length", "0"];
    await using receiver = await startReceiver({
      answers: [(response) => void response.writeHead(418, "I am one", sent).end()],
    });
    const { status, statusMessage, headers, rawHeaders } = await ask(receiver.url);
    expect({ status, statusMessage }).toEqual({ status: 418, statusMessage: "I am one" });
    expect(rawHeaders.slice(0, sent.length)).toEqual(sent);
    expect(headers).toMatchObject({ "x-kind": "teapot", "set-cookie": "a=1,b=2" });
  });

  test("may come with no words beside the status", async () => {
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => void socket.end("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n"));
    });
    expect(await ask(`http://127.0.0.1:${server.port}/`)).toMatchObject({ status: 200, statusMessage: "" });
  });
});

describe("a certificate that nobody vouches for", () => {
  test("is ERR_TLS, unless any will do", async () => {
    await using server = await startHttpsServer();
    for (const host of ["localhost", "127.0.0.1"]) {
      const url = `https://${host}:${server.port}/hook?x=1`;
      await expect(ask(url)).rejects.toMatchObject({ code: "ERR_TLS" });
      expect(server.requests).toEqual([]);
      const answered = await ask(url, { method: "POST", body: everyByte, isInsecure: true });
      expect(answered).toMatchObject({ status: 202 });
      expect(answered.body).toEqual(everyByte);
      // What was done without a check is of no use to a request with one.
      await expect(ask(url)).rejects.toMatchObject({ code: "ERR_TLS" });
      expect(server.requests.splice(0)).toEqual(["POST /hook?x=1"]);
    }
  });

  test("says nothing where there is no TLS", async () => {
    await using receiver = await startReceiver();
    expect(await ask(receiver.url, { isInsecure: true })).toMatchObject({ status: 200 });
  });
});

test("one signal ends any number of requests, and Node takes none of them for a leak", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  try {
    await using receiver = await startReceiver({ answers: [() => {}] });
    const abort = new AbortController();
    const asked = Array.from({ length: 50 }, () => ask(receiver.url, { signal: abort.signal }));
    for (let count = 0; count < asked.length; count++) await receiver.next();
    abort.abort();
    const ended = await Promise.allSettled(asked);
    expect(ended.map((one) => one.status === "rejected" && (one.reason as { code: string }).code)).toEqual(
      ended.map(() => "ERR_ABORTED"),
    );
    // Warnings are told in a later turn.
    await turn();
    expect(warnings).toEqual([]);
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  } finally {
    process.off("warning", onWarning);
  }
});

test("a signal has one listener, however many requests have used it", async () => {
  await using receiver = await startReceiver();
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => ask(receiver.url, { signal })));
  await expect(ask(`http://127.0.0.1:${await findFreePort()}/`, { signal })).rejects.toThrow(RequestError);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
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
      // Whoever listens at 127.0.0.1 would be asked first.
      const port = await findFreePort();
      await using receiver = await startReceiver({ host: "::1", port, answers: [202] });
      expect(await ask(`http://${name}:${receiver.port}/`)).toMatchObject({ status: 202 });
    },
  );
});

/** A server on a thread of its own, which counts the answers that have gone out. */
const answeringWorker = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:http").createServer((request, response) => {
    response.end("in time", () => {
      Atomics.add(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    });
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** Answers 202 with the body it got. */
async function startHttpsServer(): Promise<{ port: number; requests: string[] } & AsyncDisposable> {
  const requests: string[] = [];
  const server = createHttpsServer(selfSigned, async (incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    response.writeHead(202).end(await buffer(incoming));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
