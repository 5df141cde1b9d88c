import { describe, expect, test } from "vitest";
import { createAppHealth, type AppChange, type AppHealth } from "../../src/app/app-health.ts";
import { createHeldClock, type HeldClock } from "../delivery/held-clock.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { startTcpServer } from "../net/tcp-server.ts";

interface Watched extends Disposable {
  readonly health: AppHealth;
  readonly clock: HeldClock;
  readonly changes: AppChange[];
  readonly states: () => string[];
  /** Moves time on when the app was looked at. */
  pass(ms: number): Promise<void>;
  end(): void;
}

/** Watches these origins, each looked at once. */
async function watch(...origins: string[]): Promise<Watched> {
  const clock = createHeldClock();
  const changes: AppChange[] = [];
  const ended = new AbortController();
  const health = createAppHealth({
    origins,
    clock,
    signal: ended.signal,
    onChange: (change) => void changes.push(change),
  });
  const isIdle = async (): Promise<void> => {
    await expect.poll(() => clock.waiting).toBe(origins.length);
  };
  health.watch();
  await isIdle();
  return {
    health,
    clock,
    changes,
    states: () => changes.map(({ state }) => state),
    pass: async (ms) => {
      await isIdle();
      await clock.advance(ms);
    },
    end: () => ended.abort(),
    [Symbol.dispose]: () => ended.abort(),
  };
}

describe("an app that is idle", () => {
  test("is told of at once when it does not listen yet, and again when it does", async () => {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    using watched = await watch(url);
    const startedAt = new Date(watched.clock.now()).toISOString();
    const down = { url, cause: `nothing listens at ${url} yet`, startedAt };
    expect(watched.changes).toEqual([{ ...down, state: "down", endedAt: null, downMs: 0 }]);
    await using _ = await startReceiver({ port });
    await watched.pass(1_000);
    await expect.poll(watched.states).toEqual(["down", "up"]);
    const endedAt = new Date(watched.clock.now()).toISOString();
    expect(watched.changes[1]).toEqual({ ...down, state: "up", endedAt, downMs: 1_000 });
  });

  test("is down for no time when it is told of at once, though the clock goes on at every look", async () => {
    let time = Date.UTC(2026, 0, 2);
    const changes: AppChange[] = [];
    const ended = new AbortController();
    const clock = { ...createHeldClock(), now: () => time++ };
    const url = `http://localhost:${await findFreePort()}`;
    const onChange = (change: AppChange): void => void changes.push(change);
    createAppHealth({ origins: [url], clock, signal: ended.signal, onChange }).watch();
    await expect.poll(() => changes).toMatchObject([{ state: "down", downMs: 0 }]);
    ended.abort();
  });

  test("was down for no time, not for less, when the clock has been set back", async () => {
    const port = await findFreePort();
    using watched = await watch(`http://localhost:${port}`);
    watched.clock.setBack(3_600_000);
    await using _ = await startReceiver({ port });
    await watched.pass(1_000);
    await expect.poll(watched.states).toEqual(["down", "up"]);
    const { startedAt, endedAt, downMs } = watched.changes[1]!;
    expect([endedAt, downMs]).toEqual([startedAt, 0]);
  });

  test("is told of by nothing as long as it listens", async () => {
    let connections = 0;
    await using app = await startTcpServer(() => void connections++);
    using watched = await watch(`http://127.0.0.1:${app.port}`);
    for (let looks = 2; looks <= 4; looks++) {
      await watched.pass(15_000);
      await expect.poll(() => connections).toBe(looks);
    }
    expect(watched.changes).toEqual([]);
  });

  test("that stops is told of when it is no mere restart, and looked at less and less often", async () => {
    const app = await startReceiver({ port: await findFreePort() });
    const url = `http://127.0.0.1:${app.port}`;
    using watched = await watch(url);
    await app[Symbol.asyncDispose]();
    await watched.pass(15_000);
    await watched.pass(1_000);
    await expect.poll(watched.states).toEqual(["down"]);
    expect(watched.changes[0]).toMatchObject({ cause: `nothing listens at ${url}`, downMs: 1_000 });
    for (const ms of [1_000, 2_000, 3_000, 4_000, 5_000]) await watched.pass(ms);
    await using _ = await startReceiver({ port: app.port });
    await watched.pass(4_999);
    await watched.pass(1);
    await expect.poll(watched.states).toEqual(["down", "up"]);
    expect(watched.changes[1]?.downMs).toBe(21_000);
  });

  test.runIf(hasIpv6Loopback).each(["127.0.0.1", "::1"])("listens at localhost on %s only", async (host) => {
    await using app = await startReceiver({ host });
    using watched = await watch(`http://localhost:${app.port}`);
    expect(watched.changes).toEqual([]);
  });

  test("is told of by itself among others", async () => {
    await using app = await startReceiver();
    const absent = `http://127.0.0.1:${await findFreePort()}`;
    using watched = await watch(`http://127.0.0.1:${app.port}`, absent);
    expect(watched.changes.map(({ url }) => url)).toEqual([absent]);
  });
});

describe("what an attempt shows", () => {
  test("counts as a look: none follows while webhooks come", async () => {
    let connections = 0;
    await using app = await startTcpServer(() => void connections++);
    const url = `http://127.0.0.1:${app.port}`;
    using watched = await watch(url);
    expect(connections).toBe(1);
    for (let passed = 0; passed < 3; passed++) {
      watched.health.note(url, true);
      await watched.pass(15_000);
    }
    await watched.pass(14_999);
    expect(connections).toBe(1);
    await watched.pass(1);
    await expect.poll(() => connections).toBe(2);
  });

  test("is nothing to tell of when the app is back within a second", async () => {
    await using app = await startReceiver();
    const url = `http://127.0.0.1:${app.port}`;
    using watched = await watch(url);
    watched.health.note(url, false);
    await watched.pass(999);
    watched.health.note(url, true);
    await watched.pass(15_000);
    await watched.pass(0);
    expect(watched.changes).toEqual([]);
  });

  test("is an outage when it is refused for a second, which ends with an answer", async () => {
    await using app = await startReceiver();
    const url = `http://127.0.0.1:${app.port}`;
    using watched = await watch(url);
    watched.health.note(url, false);
    await watched.clock.advance(600);
    watched.health.note(url, false);
    expect(watched.changes).toEqual([]);
    await watched.clock.advance(400);
    watched.health.note(url, false);
    watched.health.note(url, false);
    expect(watched.changes).toMatchObject([{ state: "down", endedAt: null, downMs: 1_000 }]);
    watched.health.note(url, true);
    watched.health.note(url, true);
    expect(watched.states()).toEqual(["down", "up"]);
  });

  test("is not told before the watch begins, nor of another origin", () => {
    const changes: AppChange[] = [];
    const { signal } = new AbortController();
    const options = { origins: ["http://127.0.0.1:1"], clock: createHeldClock(), signal };
    const health = createAppHealth({ ...options, onChange: (change) => void changes.push(change) });
    health.note("http://127.0.0.1:1", false);
    health.note("http://127.0.0.1:2", false);
    expect(changes).toEqual([]);
  });
});

test("the watch ends at once: nothing waits any more, and nothing is told", async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const watched = await watch(url);
  watched.end();
  await expect.poll(() => watched.clock.waiting).toBe(0);
  watched.health.note(url, true);
  expect(watched.states()).toEqual(["down"]);
});
