import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/delivery/clock.ts";
import { createLocaltunnel } from "../../src/tunnel/localtunnel.ts";
import type { Tunnel, TunnelProvider } from "../../src/tunnel/tunnel.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { openBlackHole } from "./black-hole.ts";
import { eventually } from "./eventually.ts";
import { watchSockets } from "./watch-sockets.ts";

const name = "acme-devhook";

function provider(host: string, { isAnyNameFine = false } = {}): TunnelProvider {
  return createLocaltunnel({ host: new URL(host), subdomain: name, isAnyNameFine, clock: systemClock });
}

async function expectTaken(own: TunnelProvider, port: number, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await expect(open(own, port)).rejects.toMatchObject({ code: "ERR_SUBDOMAIN_TAKEN", isPassing: true });
  }
}

async function open(
  opening: TunnelProvider,
  localPort: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<Tunnel & Disposable> {
  const tunnel = await opening.open(localPort, signal);
  return { ...tunnel, [Symbol.dispose]: () => tunnel.close() };
}

describe("at the real server", () => {
  test("a tunnel has the name that was asked for, and carries what is sent there", async () => {
    await using app = await startReceiver({ answers: [202] });
    await using server = await startLocaltunnelServer();
    const own = provider(server.url);
    expect(own.name).toBe(`localhost:${server.port}`);
    using tunnel = await open(own, app.port);
    expect(tunnel.publicUrl.href).toBe(`http://${name}.localhost:${server.port}/`);
    const { status } = await requestPublic(new URL("/hook?x=1", tunnel.publicUrl), {
      method: "POST",
      body: "token",
    });
    expect(status).toBe(202);
    const { method, url, body } = await app.next();
    expect({ method, url, body: body.toString() }).toEqual({
      method: "POST",
      url: "/hook?x=1",
      body: "token",
    });
  });

  test("a name that another client has is ERR_SUBDOMAIN_TAKEN: no other name is used instead", async () => {
    await using app = await startReceiver();
    await using other = await startReceiver();
    await using server = await startLocaltunnelServer();
    using settling = watchSockets();
    using tunnel = await open(provider(server.url), app.port);
    await eventually(() => settling.sockets.filter(({ port }) => port === app.port).length).toBe(10);
    using watch = watchSockets();
    await expect(open(provider(server.url), other.port)).rejects.toMatchObject({
      code: "ERR_SUBDOMAIN_TAKEN",
      exitCode: 3,
      isPassing: true,
    });
    // One request to the server, and not one connection for the name that was given instead.
    expect(watch.sockets.map(({ port }) => port).filter((port) => port !== server.port)).toEqual([]);
    expect((await requestPublic(tunnel.publicUrl)).status).toBe(200);
    expect([app.requests.length, other.requests.length]).toEqual([1, 0]);
  });

  test("where any name is fine a taken one is asked for four times, then replaced by what is given", async () => {
    await using app = await startReceiver();
    await using other = await startReceiver({ answers: [202] });
    await using server = await startLocaltunnelServer();
    using first = await open(provider(server.url), app.port);
    const own = provider(server.url, { isAnyNameFine: true });
    await expectTaken(own, other.port, 3);
    using second = await open(own, other.port);
    expect(second.publicUrl.hostname).not.toBe(first.publicUrl.hostname);
    expect((await requestPublic(second.publicUrl)).status).toBe(202);
    expect((await requestPublic(first.publicUrl)).status).toBe(200);
  });

  test("a server that is killed is a tunnel that is lost", async () => {
    await using app = await startReceiver();
    await using server = await startLocaltunnelServer();
    using tunnel = await open(provider(server.url), app.port);
    await server.kill();
    expect(await tunnel.lost).toMatch(/^no connection to the tunnel server is left/);
  });
});

test("the name that was given is asked for again", async () => {
  await using app = await startReceiver();
  await using server = await startFakeLocaltunnelServer({ answer: "taken" });
  const own = provider(server.url, { isAnyNameFine: true });
  await expectTaken(own, app.port, 3);
  const { publicUrl, close } = await open(own, app.port);
  close();
  const given = publicUrl.hostname.replace(".localhost", "");
  server.answerWith("tunnel");
  using again = await open(own, app.port);
  expect(server.registrations.slice(3)).toEqual([`/${name}`, `/${given}`]);
  expect(again.publicUrl.href).toBe(publicUrl.href);
});

test("a tunnel says how many requests it carries at once", async () => {
  await using server = await startFakeLocaltunnelServer();
  server.maxConnCount = 2;
  using tunnel = await open(provider(server.url), await findFreePort());
  expect(tunnel.connections).toBe(2);
});

test("a name that only differs in case is another one", async () => {
  const body = { id: name.toUpperCase(), port: 40_000, max_conn_count: 1, url: "http://x.example" };
  await using server = await startFakeLocaltunnelServer({ answer: { body } });
  await expect(open(provider(server.url), 1)).rejects.toMatchObject({ code: "ERR_SUBDOMAIN_TAKEN" });
});

describe("a granted port that can't be reached", () => {
  const grantOf = (port: number): { body: object } => ({
    body: { id: name, port, max_conn_count: 10, url: `http://${name}.tunnel.example`, ip: "127.0.0.1" },
  });

  test("is ERR_TUNNEL_UNREACHABLE, with the cause", async () => {
    const port = await findFreePort();
    await using server = await startFakeLocaltunnelServer({ answer: grantOf(port) });
    await expect(open(provider(server.url), 1)).rejects.toMatchObject({
      code: "ERR_TUNNEL_UNREACHABLE",
      isPassing: true,
      reason: expect.stringMatching(new RegExp(`port ${port} can't be reached \\(.*ECONNREFUSED`)) as string,
    });
  });

  test("is waited for no longer than the signal says", async () => {
    await using hole = await openBlackHole();
    await using server = await startFakeLocaltunnelServer({ answer: grantOf(hole.port) });
    using watch = watchSockets();
    const abort = new AbortController();
    const opening = open(provider(server.url), 1, abort.signal);
    // The connection for the registration, and ten that knock in vain.
    await eventually(() => watch.sockets.length).toBe(11);
    abort.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
    await eventually(() => watch.open.filter(({ port }) => port !== server.port)).toEqual([]);
  });
});

test("a signal ends the wait for the server's answer with its reason", async () => {
  await using server = await startFakeLocaltunnelServer({ answer: "never" });
  const abort = new AbortController();
  const opening = open(provider(server.url), 1, abort.signal);
  await server.nextRegistration();
  abort.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
});

test("however often it is opened, the signal has the one listener of its requests", async () => {
  await using app = await startReceiver();
  await using server = await startFakeLocaltunnelServer();
  const { signal } = new AbortController();
  const own = provider(server.url);
  for (let times = 0; times < 3; times++) {
    using _tunnel = await open(own, app.port, signal);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  }
  // Nor does a way that failed add one.
  server.answerWith("error");
  await expect(open(own, app.port, signal)).rejects.toMatchObject({ code: "ERR_TUNNEL_UNAVAILABLE" });
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
});

test("a tunnel that is open is closed by itself alone, not by the signal of its opening", async () => {
  await using app = await startReceiver();
  await using server = await startFakeLocaltunnelServer();
  const abort = new AbortController();
  using tunnel = await open(provider(server.url), app.port, abort.signal);
  abort.abort();
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(200);
});
