import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { request, type RequestOptions, type Response } from "../../src/net/request.ts";
import { findFreePort } from "../helpers/free-port.ts";

const body = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index));
const slowly = { pieces: 4, overMs: 120 };
// What lies between two pieces is longer than this process, which reads them too, may be held up.
const apartMs = 500;

describe("a body in pieces", () => {
  test.each([
    ["as many as are wanted", 4, 1_000, 4],
    ["the last one shorter", 3, 1_000, 3],
    ["one", 1, 1_000, 1],
    ["a byte each, when there are fewer bytes than pieces", 8, 3, 3],
    ["none, when there are no bytes", 8, 0, 0],
  ])("arrives apart, byte for byte: %s", async (_, pieces, length, arrived) => {
    const chunks: Buffer[] = [];
    await using server = await startServer(async (incoming, response) => {
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      await once(incoming, "end");
      response.writeHead(202).end();
    });
    const sent = body.subarray(0, length);
    const pacing = { pieces, overMs: apartMs * (pieces - 1) };
    expect(await post(server.port, { body: sent, pacing })).toMatchObject({ status: 202 });
    expect(Buffer.concat(chunks)).toEqual(sent);
    expect(chunks).toHaveLength(arrived);
  });

  test("is announced in its whole length, and leaves the connection to the next request", async () => {
    const seen: unknown[] = [];
    await using server = await startServer(async (incoming, response) => {
      seen.push([incoming.headers["content-length"], incoming.socket.remotePort]);
      await buffer(incoming);
      response.end();
    });
    await post(server.port, { pacing: slowly });
    await post(server.port);
    const [first] = seen as [[string, number]];
    expect(seen).toEqual([
      ["1000", first[1]],
      ["1000", first[1]],
    ]);
  });

  test("is given up when the answer is there before its end", async () => {
    let closed: Promise<unknown> | undefined;
    await using server = await startServer((incoming, response) => {
      closed = new Promise((resolve) => incoming.socket.on("close", resolve));
      response.writeHead(401).end("no");
    });
    // Far longer than the test may take.
    const answer = await post(server.port, { pacing: { pieces: 2, overMs: 600_000 } });
    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 401, body: "no" });
    await closed;
  });

  test("ends with the signal, and with the time there is", async () => {
    const abort = new AbortController();
    await using server = await startServer(() => abort.abort());
    const pacing = { pieces: 2, overMs: 600_000 };
    await expect(post(server.port, { pacing, signal: abort.signal })).rejects.toMatchObject({
      code: "ERR_ABORTED",
    });
    await expect(post(server.port, { pacing, timeoutMs: 100 })).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
    });
  });
});

describe("a body that is cut", () => {
  test.each([999, 500, 1, 0])(
    "ends after %i bytes of those announced, and the server goes on",
    async (cut) => {
      let failed: Promise<unknown> | undefined;
      const chunks: Buffer[] = [];
      await using server = await startServer((incoming, response) => {
        if (failed !== undefined) {
          response.writeHead(202).end();
          return;
        }
        expect(incoming.headers["content-length"]).toBe("1000");
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        failed = once(incoming, "end").then(
          () => "ended",
          (error: unknown) => error,
        );
      });
      await expect(post(server.port, { pacing: { cutAfterBytes: cut } })).rejects.toMatchObject({
        code: "ERR_CUT_ON_PURPOSE",
      });
      // The next request on a connection of its own; by its answer the server has met the one that was cut.
      expect(await post(server.port)).toMatchObject({ status: 202 });
      expect(await failed).toMatchObject({ code: "ECONNRESET" });
      expect(Buffer.concat(chunks)).toEqual(body.subarray(0, cut));
    },
  );
});

test.each([slowly, { cutAfterBytes: 500 }])(
  "where nothing listens, %j is ERR_CONNECTION_REFUSED as ever",
  async (pacing) => {
    await expect(post(await findFreePort(), { pacing })).rejects.toMatchObject({
      code: "ERR_CONNECTION_REFUSED",
    });
  },
);

test("what is cancelled as it begins is ERR_ABORTED, whatever its pace", async () => {
  await using server = await startServer(() => {});
  for (const pacing of [slowly, { cutAfterBytes: 500 }]) {
    const abort = new AbortController();
    const posted = post(server.port, { pacing, signal: abort.signal });
    abort.abort();
    await expect(posted).rejects.toMatchObject({ code: "ERR_ABORTED" });
  }
});

async function post(port: number, options: Partial<RequestOptions> = {}): Promise<Response> {
  return await request(new URL(`http://127.0.0.1:${port}/`), {
    method: "POST",
    headers: {},
    body,
    timeoutMs: 20_000,
    maxBodyBytes: 1_024,
    ...options,
  });
}

/** Told of a request when its headers are there: its body is for the listener to read. */
async function startServer(
  onRequest: (incoming: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((incoming, response) => void onRequest(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
