import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/delivery/clock.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { startTcpServer } from "../net/tcp-server.ts";
import { eventually } from "./eventually.ts";
import { isPending, openSocketsAt, openTestSockets } from "./test-sockets.ts";
import { watchSockets } from "./watch-sockets.ts";

const webhook = "POST /hook HTTP/1.1\r\nhost: acme-devhook.localhost\r\ncontent-length: 2\r\n\r\nhi";
const isAnswered = (received: string): boolean => received.includes("\r\n\r\n");

describe("connections", () => {
  test.each([1, 3, 10])("are as many as asked for: %i", async (count) => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    using watch = watchSockets();
    using sockets = await openSocketsAt(server, { count, localPort: app.port });
    await sockets.opened;
    expect(server.sockets).toHaveLength(count);
    // One for each on this side too, and one that asked for the tunnel.
    await eventually(() => watch.sockets.filter(({ port }) => port === app.port).length).toBe(count);
    expect(watch.sockets).toHaveLength(2 * count + 1);
  });

  test("carry bytes of every kind both ways", async () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await using app = await startReceiver({ answers: [(response, { body }) => void response.end(body)] });
    await using server = await startFakeLocaltunnelServer();
    using _sockets = await openSocketsAt(server, { count: 1, localPort: app.port });
    const head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 256\r\n\r\n";
    const received = await server.sendRaw(Buffer.concat([Buffer.from(head), everyByte]), (text) =>
      text.endsWith("\xff"),
    );
    expect((await app.next()).body).toEqual(everyByte);
    expect(Buffer.from(received.slice(received.indexOf("\r\n\r\n") + 4), "latin1")).toEqual(everyByte);
  });

  test("are replaced when they were used, at once and one for one", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    const clock = createHeldClock();
    using sockets = await openSocketsAt(server, { count: 2, localPort: app.port, clock });
    const seen = new Set<Socket>(server.sockets);
    for (let use = 1; use <= 12; use++) {
      expect(await server.sendRaw(webhook, isAnswered)).toMatch(/^HTTP\/1\.1 200 /);
      await eventually(() => addTo(seen, server.sockets)).toBe(2 + use);
      await eventually(() => server.sockets.length).toBe(2);
    }
    expect(clock.waiting).toBe(0);
    expect(await isPending(sockets.lost)).toBe(true);
  });

  test("carry any number of requests in a row", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    using _sockets = await openSocketsAt(server, { count: 3, localPort: app.port });
    const url = `http://acme-devhook.localhost:${server.port}/hook`;
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => requestPublic(url, { method: "POST", body: "hi" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
    expect(app.requests).toHaveLength(30);
  });

  test("are replaced as often as they are used, however often that is within a second", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    // Its clock stands still: all of it happens within one second.
    using sockets = await openSocketsAt(server, { count: 3, localPort: app.port });
    const url = `http://acme-devhook.localhost:${server.port}/hook`;
    const post = async (): Promise<number> =>
      (await requestPublic(url, { method: "POST", body: "hi" })).status;
    const statuses = await Promise.all(Array.from({ length: 200 }, post));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await isPending(sockets.lost)).toBe(true);
  });

  test("are asked by the system every 15 s whether they still live", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    using watch = watchSockets();
    using _sockets = await openSocketsAt(server, { count: 2, localPort: app.port });
    const asked = (): unknown[][][] =>
      watch.sockets
        .map(({ keepAlive }) => keepAlive)
        .filter((calls) => calls.some(([, delayMs]) => delayMs === 15_000));
    await eventually(() => asked().length).toBe(2);
    // What the package itself asks for came before, and says nothing of a time.
    for (const calls of asked()) expect(calls.at(-1)).toEqual([true, 15_000]);
  });
});

describe("a server that hangs up on connections nothing came through", () => {
  test("is called back at once the first time", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    const clock = createHeldClock();
    using sockets = await openSocketsAt(server, { count: 3, localPort: app.port, clock });
    const before = new Set(server.sockets);
    server.dropAll();
    await eventually(() => server.sockets.filter((socket) => !before.has(socket)).length).toBe(3);
    expect(clock.waiting).toBe(0);
    expect(await isPending(sockets.lost)).toBe(true);
  });

  test("is called back later and later, every 5 s in the end", async () => {
    const delays: number[] = [];
    // No wait takes any time; the ninth is never over.
    const clock: Clock = {
      now: () => 0,
      wait: async (delayMs) => {
        delays.push(delayMs);
        if (delays.length < 9) return;
        await new Promise<never>(() => {});
      },
    };
    await using app = await startReceiver();
    let isFirst = true;
    await using server = await startTcpServer((socket) => {
      // One stays, so that the tunnel is not lost.
      if (!isFirst) socket.destroy();
      isFirst = false;
    });
    const address = { host: "127.0.0.1", port: server.port };
    using _sockets = openTestSockets({ address, count: 2, localPort: app.port, clock });
    await eventually(() => delays.length).toBe(9);
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
  });

  test("is not called back before the time has passed", async () => {
    const clock = createHeldClock();
    let accepted = 0;
    await using app = await startReceiver();
    await using server = await startTcpServer((socket) => {
      if (accepted++ > 0) socket.destroy();
    });
    const address = { host: "127.0.0.1", port: server.port };
    using _sockets = openTestSockets({ address, count: 2, localPort: app.port, clock });
    await eventually(() => clock.waiting).toBe(1);
    expect(accepted).toBe(3);
    await clock.advance(249);
    expect([clock.waiting, accepted]).toEqual([1, 3]);
    await clock.advance(1);
    await eventually(() => [clock.waiting, accepted]).toEqual([1, 4]);
  });
});

/** @returns how many there are by now */
function addTo(seen: Set<Socket>, sockets: readonly Socket[]): number {
  for (const socket of sockets) seen.add(socket);
  return seen.size;
}
