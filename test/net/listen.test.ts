import { once } from "node:events";
import { createServer, get } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { listenOnLoopback, PortInUseError, type LoopbackServer } from "../../src/net/listen.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { hasIpv6Loopback } from "./has-ipv6.ts";

const hosts = hasIpv6Loopback ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

test("listens on every loopback family of the machine, on one port", async () => {
  await using listening = await listen(0);
  expect(listening.port).toBeGreaterThan(0);
  expect(listening.servers).toHaveLength(hosts.length);
  for (const host of hosts) expect(await read(host, listening.port)).toBe("here");
});

test("listens on the port it was given", async () => {
  const port = await findFreePort();
  await using listening = await listen(port);
  expect(listening.port).toBe(port);
});

test("refuses a port that another socket has", async () => {
  await using receiver = await startReceiver();
  await expect(listen(receiver.port)).rejects.toThrow(PortInUseError);
  await expect(listen(receiver.port)).rejects.toMatchObject({ port: receiver.port });
});

test.runIf(hasIpv6Loopback)("refuses a port taken on ::1 alone, and lets go of 127.0.0.1", async () => {
  await using receiver = await startReceiver({ host: "::1", port: await findFreePort() });
  await expect(listen(receiver.port)).rejects.toThrow(PortInUseError);
  await using other = await startReceiver({ host: "127.0.0.1", port: receiver.port });
  expect(other.port).toBe(receiver.port);
});

test("ends open connections when it closes, and frees the port", async () => {
  const listening = await listen(await findFreePort());
  const sockets = hosts.map((host) => connect(listening.port, host));
  // One waits in the middle of a request, as a client that keeps its connection does between two.
  for (const socket of sockets) socket.on("error", () => {}).write("GET / HTTP/1.1\r\nhost: local");
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  // By listener: `once` would reject where the end comes as a reset.
  const ended = Promise.all(
    sockets.map((socket) => new Promise<void>((resolve) => socket.on("close", () => resolve()))),
  );
  await listening.close();
  await ended;
  await using again = await listen(listening.port);
  expect(again.port).toBe(listening.port);
});

async function listen(port: number): Promise<LoopbackServer & AsyncDisposable> {
  const listening = await listenOnLoopback(port, () =>
    createServer((_request, response) => response.end("here")),
  );
  return { ...listening, [Symbol.asyncDispose]: () => listening.close() };
}

async function read(host: string, port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    get({ host, port, agent: false }, (response) => void text(response).then(resolve, reject)).on(
      "error",
      reject,
    );
  });
}
