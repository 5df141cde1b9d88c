import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import {
  startFakeLocaltunnelServer,
  type FakeLocaltunnelServer,
  type RegistrationMode,
} from "./fake-localtunnel-server.ts";
import { startReceiver, type Answer } from "./receiver.ts";
import { requestPublic } from "./request-public.mjs";
import { openTunnelClient } from "./tunnel-client.ts";

const echo: Answer = (response, request) => void response.writeHead(200).end(request.body);

/** A client under the name `mysub`, with all of its sockets. */
async function openMysub(server: FakeLocaltunnelServer, localPort: number): Promise<Disposable> {
  const client = await openTunnelClient(server.url, "mysub", localPort);
  await server.waitForSockets(server.maxConnCount);
  return client;
}

const post = (server: FakeLocaltunnelServer, body: string, timeoutMs?: number) =>
  requestPublic(`http://mysub.localhost:${server.port}/api/webhook`, {
    method: "POST",
    body,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });

describe("a registration", () => {
  test("gets the name it asks for, also one that is held", async () => {
    await using server = await startFakeLocaltunnelServer();
    for (const _ of [1, 2]) {
      const { status, body } = await requestPublic(`${server.url}/mysub`);
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({
        id: "mysub",
        port: expect.any(Number) as number,
        max_conn_count: 10,
        url: `http://mysub.localhost:${server.port}`,
      });
    }
  });

  test.each<[mode: RegistrationMode, status: number, contentType: string, body: RegExp]>([
    ["taken", 200, "application/json; charset=utf-8", /"id":"other-[0-9a-f]{10}"/],
    ["forbidden", 403, "application/json; charset=utf-8", /"message":/],
    ["too-many", 429, "text/plain", /./],
    ["error", 503, "text/plain", /./],
    ["html", 200, "text/html", /^<!doctype html>/],
    [{ status: 500 }, 500, "text/plain", /^$/],
    [{ body: { id: 7 } }, 200, "application/json; charset=utf-8", /^\{"id":7\}$/],
    [{ body: "{", headers: { "content-type": "application/json" } }, 200, "application/json", /^\{$/],
  ])("is answered as %j says", async (mode, status, contentType, body) => {
    await using server = await startFakeLocaltunnelServer({ answer: mode });
    const answer = await requestPublic(`${server.url}/mysub`);
    expect(answer).toMatchObject({ status, headers: { "content-type": contentType } });
    expect(answer.body).toMatch(body);
  });

  test("is sent elsewhere in the mode redirect, and granted there", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "redirect" });
    const { status, headers } = await requestPublic(`${server.url}/mysub`);
    expect([status, headers.location]).toEqual([302, "/mysub?moved"]);
    const { body } = await requestPublic(`${server.url}${headers.location}`);
    expect(JSON.parse(body)).toMatchObject({ id: "mysub" });
  });

  test("is not answered in the mode never, and after it is", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    const asked = requestPublic(`${server.url}/mysub`, { timeoutMs: 200 });
    expect(await server.nextRegistration()).toBe("/mysub");
    await expect(asked).rejects.toMatchObject({ code: "ABORT_ERR" });
    server.answerWith("tunnel");
    expect((await requestPublic(`${server.url}/mysub`)).status).toBe(200);
  });

  test("is noted, past or to come", async () => {
    await using server = await startFakeLocaltunnelServer();
    await requestPublic(`${server.url}/mysub`);
    expect(await server.nextRegistration()).toBe("/mysub");
    const next = server.nextRegistration();
    await requestPublic(`${server.url}/?new`);
    expect(await next).toBe("/?new");
    expect(server.registrations).toEqual(["/mysub", "/?new"]);
  });
});

describe("a public request", () => {
  test("goes over a tunnel socket and comes back, one after the other on one socket", async () => {
    await using server = await startFakeLocaltunnelServer();
    server.maxConnCount = 1;
    const ports: unknown[] = [];
    await using app = await startReceiver({
      answers: [
        (response, request, incoming) => {
          ports.push(incoming.socket.remotePort);
          response.end(request.body);
        },
      ],
    });
    using _client = await openMysub(server, app.port);
    for (const body of ["one", "two"]) {
      const headers = { connection: "keep-alive" };
      const answer = await requestPublic(`http://mysub.localhost:${server.port}/`, {
        method: "POST",
        headers,
        body,
      });
      expect(answer).toMatchObject({ status: 200, body });
    }
    expect(new Set(ports)).toHaveLength(1);
  });

  test("is answered 404 under a name that nobody has, and once the name is forgotten", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver();
    expect((await post(server, "")).status).toBe(404);
    using _client = await openMysub(server, app.port);
    expect((await post(server, "")).status).toBe(200);
    await server.waitForSockets(10);
    server.forget("mysub");
    expect((await post(server, "")).status).toBe(404);
    expect(server.sockets).toHaveLength(10);
  });

  test("is not answered by a tunnel gone silent; one registered anew works", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver({ answers: [echo] });
    using _silent = await openMysub(server, app.port);
    server.goSilent();
    await expect(post(server, "lost", 200)).rejects.toMatchObject({ code: "ABORT_ERR" });
    expect(server.sockets).toHaveLength(10);
    using _client = await openMysub(server, app.port);
    expect(await post(server, "heard")).toMatchObject({ status: 200, body: "heard" });
    expect(app.requests).toHaveLength(1);
  });
});

describe("tunnel sockets", () => {
  test("are as many as the client was told to open", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver();
    server.maxConnCount = 3;
    using _client = await openMysub(server, app.port);
    expect(server.sockets).toHaveLength(3);
  });

  test("come again to the same port after they were dropped", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver();
    using _client = await openMysub(server, app.port);
    const before = server.sockets;
    server.dropAll();
    await server.waitForSockets(0);
    await server.waitForSockets(10);
    expect(server.sockets.some((socket) => before.includes(socket))).toBe(false);
    expect((await post(server, "")).status).toBe(200);
  });

  test("are refused once the port is closed, and those that are open go on", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver();
    using _client = await openMysub(server, app.port);
    const port = server.sockets[0]!.localPort!;
    server.refuse();
    await expect(once(connect(port, "127.0.0.1"), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(server.sockets).toHaveLength(10);
    expect((await post(server, "")).status).toBe(200);
  });
});

describe("raw bytes", () => {
  test("reach the client as they are, and the answer comes back until the socket ends", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver({ answers: [echo] });
    using _client = await openMysub(server, app.port);
    const head = "POST /raw HTTP/1.1\r\nhost: any.example\r\nconnection: close\r\ncontent-length: 3\r\n\r\n";
    const received = await server.sendRaw(`${head}abc`);
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
    expect(app.requests[0]).toMatchObject({ url: "/raw", headers: { host: "any.example" } });
  });

  test("are followed until a condition holds", async () => {
    await using server = await startFakeLocaltunnelServer();
    await using app = await startReceiver({ answers: [echo] });
    using _client = await openMysub(server, app.port);
    const one = "GET / HTTP/1.1\r\nhost: any.example\r\n\r\n";
    const received = await server.sendRaw(one + one, (text) => text.split("HTTP/1.1 200 OK").length === 3);
    expect(received).toContain("HTTP/1.1 200 OK");
    expect(app.requests).toHaveLength(2);
  });
});
