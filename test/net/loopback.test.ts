import { expect, test } from "vitest";
import { acceptsConnections } from "../../src/net/connect.ts";
import { isLoopbackHost, lookupWithLoopback } from "../../src/net/loopback.ts";
import { request } from "../../src/net/request.ts";
import { startReceiver } from "../helpers/receiver.ts";

test.each([
  "localhost",
  "LocalHost",
  "app.localhost",
  "a.b.localhost",
  "127.0.0.1",
  "127.1.2.3",
  "::1",
  "[::1]",
])("%s is this machine", (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

test.each([
  "",
  "example.com",
  "localhost.example.com",
  "notlocalhost",
  ".localhost.",
  "127.0.0.1.example.com",
  "127.example.com",
  "128.0.0.1",
  "0.0.0.0",
  "10.0.0.1",
  "::",
  "::2",
  "[::1",
])("%j is not this machine", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test.each([
  ["all of them", { all: true }, [4, 6]],
  ["IPv4", { all: true, family: 4 }, [4]],
  ["IPv6", { all: true, family: 6 }, [6]],
])("a lookup of localhost for %s gives both families or the one asked for", async (_, options, families) => {
  const found = await new Promise((resolve, reject) => {
    lookupWithLoopback("app.localhost", options, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });
  expect(found).toEqual(families.map((family) => ({ address: family === 4 ? "127.0.0.1" : "::1", family })));
});

test("a lookup of localhost for one address gives 127.0.0.1", async () => {
  const found = await new Promise((resolve) => {
    lookupWithLoopback("localhost", {}, (_, address, family) => resolve({ address, family }));
  });
  expect(found).toEqual({ address: "127.0.0.1", family: 4 });
});

const limits = { timeoutMs: 20_000, maxBodyBytes: 1 };

test.skipIf(process.platform === "win32").each<[what: string, reach: (url: URL) => Promise<unknown>]>([
  [
    "a request",
    async (url) => (await request(url, { method: "GET", headers: {}, ...limits })).status === 200,
  ],
  ["a look", (url) => acceptsConnections(url, 20_000)],
])(
  "%s finds what listens at 127.0.0.1, though this process stands still while it connects",
  async (_, reach) => {
    await using receiver = await startReceiver();
    const reached = reach(new URL(`http://localhost:${receiver.port}`));
    // The name is looked up in the same turn: by now it connects.
    await new Promise<void>((resolve) =>
      process.nextTick(() => queueMicrotask(() => queueMicrotask(resolve))),
    );
    // Longer than Node would try one address.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    expect(await reached).toBe(true);
  },
);
