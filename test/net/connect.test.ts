import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { acceptsConnections } from "../../src/net/connect.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";
import { startTcpServer } from "./tcp-server.ts";

const hosts = hasIpv6Loopback ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

test.each(hosts)(
  "is true for what listens on %s, by the name localhost too, and nothing is sent",
  async (host) => {
    await using receiver = await startReceiver({ host });
    for (const url of [receiver.url, `http://localhost:${receiver.port}`]) {
      expect(await acceptsConnections(new URL(url), 5_000)).toBe(true);
    }
    expect(receiver.requests).toEqual([]);
  },
);

test.each(["127.0.0.1", "localhost", "[::1]"])("is false where nothing listens at %s", async (host) => {
  const port = await findFreePort();
  expect(await acceptsConnections(new URL(`http://${host}:${port}`), 5_000)).toBe(false);
});

test("is false for a name that nobody has", async () => {
  expect(await acceptsConnections(new URL("http://nobody.invalid:1"), 5_000)).toBe(false);
});

describe("its signal", () => {
  test("ends a try under way, as if nothing listened", async () => {
    await using server = await startTcpServer(() => {});
    const abort = new AbortController();
    const trying = acceptsConnections(new URL(`http://127.0.0.1:${server.port}`), 5_000, abort.signal);
    abort.abort();
    expect(await trying).toBe(false);
  });

  test("has one listener, however many tries there were", async () => {
    await using server = await startTcpServer(() => {});
    const { signal } = new AbortController();
    const url = new URL(`http://127.0.0.1:${server.port}`);
    for (let tries = 0; tries < 3; tries++) expect(await acceptsConnections(url, 5_000, signal)).toBe(true);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  });
});
