import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createHeldClock } from "../delivery/held-clock.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startTcpServer } from "../net/tcp-server.ts";
import { openBlackHole } from "./black-hole.ts";
import { eventually } from "./eventually.ts";
import { isPending, openSocketsAt, openTestSockets } from "./test-sockets.ts";
import { watchSockets } from "./watch-sockets.ts";

describe("a tunnel is lost", () => {
  test("when none of its connections is left, and says why", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    const clock = createHeldClock();
    using sockets = await openSocketsAt(server, { count: 3, localPort: app.port, clock });
    server.refuse();
    server.dropAll();
    expect(await sockets.lost).toMatch(/^no connection to the tunnel server is left \(.*ECONNREFUSED.*\)$/);
    // Its waits are over with it.
    expect(clock.waiting).toBe(0);
    expect(server.sockets).toEqual([]);
  });

  test("when the server hangs up on all of them twice", async () => {
    await using app = await startReceiver();
    let accepted = 0;
    await using server = await startTcpServer((socket) => {
      accepted++;
      socket.destroy();
    });
    const address = { host: "127.0.0.1", port: server.port };
    using sockets = openTestSockets({ address, count: 3, localPort: app.port });
    expect(await sockets.lost).toMatch(/^no connection to the tunnel server is left/);
    expect(accepted).toBe(6);
  });

  test("when something that is no tunnel server greets and hangs up, which is called back 50 times a second at most", async () => {
    await using app = await startReceiver();
    let accepted = 0;
    await using server = await startTcpServer((socket) => {
      accepted++;
      socket.end("SSH-2.0\r\n");
    });
    const address = { host: "127.0.0.1", port: server.port };
    using sockets = openTestSockets({ address, count: 1, localPort: app.port });
    expect(await sockets.lost).toMatch(/^no connection to the tunnel server is left/);
    // The first, 50 called back at once, and one more as of any that ends unused.
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThanOrEqual(52);
  });

  test("not as long as one is left", async () => {
    const clock = createHeldClock();
    await using app = await startReceiver();
    let kept: Socket | undefined;
    await using server = await startTcpServer((socket) => {
      if (kept === undefined) kept = socket;
      else socket.destroy();
    });
    const address = { host: "127.0.0.1", port: server.port };
    using sockets = openTestSockets({ address, count: 4, localPort: app.port, clock });
    await eventually(() => clock.waiting).toBe(3);
    expect(await isPending(sockets.lost)).toBe(true);
    expect(kept?.destroyed).toBe(false);
  });
});

describe("no connection at all", () => {
  test("is told with its cause where nothing listens", async () => {
    const clock = createHeldClock();
    const address = { host: "127.0.0.1", port: await findFreePort() };
    using sockets = openTestSockets({ address, count: 10, localPort: 1, clock });
    await expect(sockets.opened).rejects.toThrow("ECONNREFUSED");
    expect(await sockets.lost).toMatch("ECONNREFUSED");
    expect(clock.waiting).toBe(0);
  });

  test("is told after a time where knocking is in vain", async () => {
    await using hole = await openBlackHole();
    const address = { host: "127.0.0.1", port: hole.port };
    using watch = watchSockets();
    using sockets = openTestSockets({ address, count: 3, localPort: 1, connectTimeoutMs: 200 });
    await expect(sockets.opened).rejects.toThrow("no connection within 0.2 s");
    await eventually(() => watch.open).toEqual([]);
  });
});

describe("closing", () => {
  test("leaves no connection open on either side, and is no loss", async () => {
    await using app = await startReceiver();
    await using server = await startFakeLocaltunnelServer();
    using watch = watchSockets();
    using sockets = await openSocketsAt(server, { count: 5, localPort: app.port });
    await eventually(() => watch.sockets.filter(({ port }) => port === app.port).length).toBe(5);
    sockets.close();
    await server.waitForSockets(0);
    await eventually(() => watch.open.filter(({ port }) => port !== server.port)).toEqual([]);
    expect(await isPending(sockets.lost)).toBe(true);
  });

  test("ends what is still knocking, at once", async () => {
    await using hole = await openBlackHole();
    const address = { host: "127.0.0.1", port: hole.port };
    using watch = watchSockets();
    using sockets = openTestSockets({ address, count: 3, localPort: 1 });
    expect(watch.sockets.map(({ socket }) => socket.connecting)).toEqual([true, true, true]);
    sockets.close();
    await expect(sockets.opened).rejects.toThrow("closed");
    // Nothing is left that would hold the process.
    await eventually(() => watch.open).toEqual([]);
  });

  test("ends the wait before the next call", async () => {
    const clock = createHeldClock();
    await using app = await startReceiver();
    let accepted = 0;
    await using server = await startTcpServer((socket) => {
      if (accepted++ > 0) socket.destroy();
    });
    const address = { host: "127.0.0.1", port: server.port };
    using sockets = openTestSockets({ address, count: 2, localPort: app.port, clock });
    await eventually(() => clock.waiting).toBe(1);
    sockets.close();
    expect(clock.waiting).toBe(0);
    await clock.advance(60_000);
    expect(accepted).toBe(3);
  });
});
