/** Provider, probe and supervisor together, at the real server. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock, type Clock } from "../../src/delivery/clock.ts";
import { createLocaltunnel } from "../../src/tunnel/localtunnel.ts";
import { createProbe } from "../../src/tunnel/probe.ts";
import type { TunnelChange } from "../../src/tunnel/outage.ts";
import { superviseTunnel, type SupervisedTunnel } from "../../src/tunnel/supervisor.ts";
import type { TunnelError } from "../../src/tunnel/tunnel.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { eventually } from "./eventually.ts";

const name = "acme-devhook";

interface Opened extends SupervisedTunnel, AsyncDisposable {
  readonly changes: TunnelChange[];
  readonly retries: TunnelError[];
  /** Answers the probes, and everything else with 202. */
  readonly intake: Receiver;
}

/** Ten times as fast. */
const fastClock: Clock = {
  now: () => Date.now() * 10,
  wait: (delayMs, signal) => systemClock.wait(delayMs / 10, signal),
};

async function openAt(host: string, clock: Clock = systemClock): Promise<Opened> {
  const probe = createProbe(randomBytes);
  const intake = await startReceiver({
    answers: [
      (response, { url }) => {
        const answer = probe.answer(url);
        response.writeHead(answer === undefined ? 202 : 200).end(answer);
      },
    ],
  });
  const changes: TunnelChange[] = [];
  const retries: TunnelError[] = [];
  try {
    const tunnel = await superviseTunnel({
      provider: createLocaltunnel({ host: new URL(host), subdomain: name, isAnyNameFine: false, clock }),
      localPort: intake.port,
      probe,
      clock,
      signal: new AbortController().signal,
      onRetry: (error) => retries.push(error),
      onChange: (change) => changes.push(change),
      activity: { heardAt: () => 0, underWay: () => 0 },
      isOnline: () => Promise.resolve(true),
      onSlowDown: () => {},
    });
    const close = async (): Promise<void> => {
      await tunnel.close();
      await intake[Symbol.asyncDispose]();
    };
    return { ...tunnel, changes, retries, intake, [Symbol.asyncDispose]: close };
  } catch (error) {
    await intake[Symbol.asyncDispose]();
    throw error;
  }
}

test("a server that is killed and started again gets the tunnel back, under the same name", async () => {
  await using server = await startLocaltunnelServer({ port: await findFreePort() });
  await using tunnel = await openAt(server.url);
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
  await server.kill();
  await eventually(() => tunnel.changes.map(({ state }) => state)).toContain("reconnecting");
  await using _again = await startLocaltunnelServer({ port: server.port });
  await eventually(() => tunnel.changes.at(-1)?.state).toBe("up");
  expect(tunnel.changes[0]).toMatchObject({ state: "down" });
  expect(new Set(tunnel.changes.map(({ url }) => url))).toEqual(new Set([tunnel.publicUrl.origin]));
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
});

test("a name that was let go of a moment ago is had again, past the server's grace", async () => {
  await using server = await startLocaltunnelServer();
  const before = await openAt(server.url);
  await before[Symbol.asyncDispose]();
  await using tunnel = await openAt(server.url);
  expect(tunnel.publicUrl.href).toBe(before.publicUrl.href);
  expect(tunnel.retries.map(({ code }) => code)).toContain("ERR_SUBDOMAIN_TAKEN");
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
});

test("a name that another client keeps is given up, and that client notices nothing", async () => {
  await using server = await startLocaltunnelServer();
  await using tunnel = await openAt(server.url);
  await expect(openAt(server.url, fastClock)).rejects.toMatchObject({
    code: "ERR_SUBDOMAIN_TAKEN",
    exitCode: 3,
  });
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
  expect(tunnel.changes).toEqual([]);
});

test("connections that are all cut at once are made anew, with no outage", async () => {
  await using server = await startFakeLocaltunnelServer();
  await using tunnel = await openAt(server.url);
  const before = new Set(server.sockets);
  server.dropAll();
  await eventually(() => server.sockets.filter((socket) => !before.has(socket)).length).toBeGreaterThan(0);
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
  expect(tunnel.changes).toEqual([]);
  expect(server.registrations).toEqual([`/${name}`]);
});

test("a tunnel whose port is gone is registered again", async () => {
  await using server = await startFakeLocaltunnelServer();
  await using tunnel = await openAt(server.url);
  server.refuse();
  server.dropAll();
  await eventually(() => tunnel.changes.map(({ state }) => state)).toEqual(["down", "up"]);
  expect(server.registrations).toEqual([`/${name}`, `/${name}`]);
  expect((await requestPublic(tunnel.publicUrl)).status).toBe(202);
});
