import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { followIssuer, type FollowedIssuer } from "../../src/app/control-client.ts";
import { leaseIssuer, type IssuerLease } from "../../src/app/issuer-lease.ts";
import {
  serveIssuer,
  serveIssuerAlone,
  type LocalIssuerOptions,
  type ServedIssuer,
} from "../../src/app/local-issuer.ts";
import { systemClock, type Clock } from "../../src/delivery/clock.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import type { Issuer } from "../../src/issuer/server.ts";
import { PortInUseError } from "../../src/net/listen.ts";
import { createSigningKeys, type RotatableKeys } from "../../src/kinde/signing-keys.ts";
import type { Project } from "../../src/project/directory.ts";
import { listRunFiles, readRunFile } from "../../src/project/run-file.ts";
import { startCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { startTcpServer } from "../net/tcp-server.ts";
import { createTemporaryProject, keysFileOf, writeKeysFile } from "../project/temporary-project.ts";
import { createJumpingClock } from "./jumping-clock.ts";

const jwksPath = "/.well-known/jwks";
const pid = process.platform === "linux" ? process.pid : undefined;

describe("an issuer that is served here", () => {
  test("is announced, with a token for its control API, as long as it serves", async () => {
    using project = createTemporaryProject();
    const issuer = await serve(project, { command: "mock", webhooks: ["http://localhost:3000/api/webhook"] });
    const run = readRunFile(project, issuer.port);
    expect(run).toMatchObject({
      port: issuer.port,
      pid: process.pid,
      command: "mock",
      webhooks: ["http://localhost:3000/api/webhook"],
    });
    expect(await tokenWorks(issuer.port, run?.token)).toBe(true);
    await issuer.close();
    expect(listRunFiles(project)).toEqual([]);
  });

  test("has another token each time", async () => {
    using project = createTemporaryProject();
    await using first = await serve(project);
    await using second = await serve(project);
    expect(readRunFile(project, first.port)?.token).not.toBe(readRunFile(project, second.port)?.token);
  });

  test("lets the port go when it can't be announced: ERR_PROJECT_NOT_WRITABLE", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    const elsewhere = { ...project, directory: join(project.root, "package.json/home") };
    await expect(serve(elsewhere, { port })).rejects.toMatchObject({ code: "ERR_PROJECT_NOT_WRITABLE" });
    await using again = await serve(project, { port });
    expect(again.port).toBe(port);
  });

  test("is refused a port that is taken, and leaves the holder's announcement alone", async () => {
    using project = createTemporaryProject();
    await using issuer = await serve(project);
    const run = readRunFile(project, issuer.port);
    await expect(serve(project, { port: issuer.port })).rejects.toThrow(PortInUseError);
    expect(readRunFile(project, issuer.port)).toEqual(run);
  });
});

describe("two leases on one port", () => {
  test("share the issuer that the first serves", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    await using first = await lease(project, port);
    await using second = await lease(project, port);
    expect([first.url, second.url]).toEqual([`http://localhost:${port}`, `http://localhost:${port}`]);
    expect(await second.use(() => jwksStatus(port))).toBe(200);
    expect(first.hasServedJwks()).toBe(true);
    // Who asked for it only the process knows that serves it.
    expect(second.hasServedJwks()).toBeUndefined();
  });

  test("pass the issuer on without a gap for what is under way", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    const first = await lease(project, port);
    await using second = await lease(project, port);
    const steps: string[] = [];
    const work = startWork();
    const used = second.use(async () => {
      await work.finished;
      // The first is closing, and still serves for us.
      steps.push(`work ends: ${await jwksStatus(port)}`);
    });
    const closing = first.close().then(() => steps.push("first has closed"));
    // It is about to close, and takes no new followers.
    await expect.poll(() => readRunFile(project, port)).toBeUndefined();
    work.finish();
    await used;
    await closing;
    expect(steps).toEqual(["work ends: 200", "first has closed"]);
    expect(await second.use(() => jwksStatus(port))).toBe(200);
    expect(second.hasServedJwks()).toBe(true);
    expect(await tokenWorks(port, readRunFile(project, port)?.token)).toBe(true);
  });

  test("let the second go without a word", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    await using first = await lease(project, port);
    const second = await lease(project, port);
    await second.close();
    expect(await first.use(() => jwksStatus(port))).toBe(200);
  });
});

describe("a process that wants to serve alone", () => {
  test.each(["emit", "replay"])(
    "gets the issuer of an %s once what is under way has ended, and lends it",
    async (command) => {
      using project = createTemporaryProject();
      const port = await findFreePort();
      await using emit = await lease(project, port, { members: { command } });
      const work = startWork();
      const used = emit.use(async () => {
        await work.finished;
        return await jwksStatus(port);
      });
      let isServed = false;
      const serving = serveAlone(project, port).then((issuer) => {
        isServed = true;
        return issuer;
      });
      // It is asked to give way, and takes nothing new until it has.
      await expect.poll(() => readRunFile(project, port)?.command).toBe(command);
      expect(isServed).toBe(false);
      work.finish();
      expect(await used).toBe(200);
      const mock = await serving;
      expect(readRunFile(project, port)?.command).toBe("mock");
      expect(await emit.use(() => jwksStatus(port))).toBe(200);
      expect(emit.hasServedJwks()).toBeUndefined();
      await mock.close();
      expect(await emit.use(() => jwksStatus(port))).toBe(200);
      expect(readRunFile(project, port)?.command).toBe(command);
    },
  );

  test("gets it of the one that serves of many", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    await using first = await lease(project, port);
    await using second = await lease(project, port);
    await using third = await lease(project, port);
    await using mock = await serveAlone(project, port);
    expect(mock.run.port).toBe(port);
    for (const emit of [first, second, third]) expect(await emit.use(() => jwksStatus(port))).toBe(200);
    expect(readRunFile(project, port)?.command).toBe("mock");
  });

  test("gives up on an emit whose work hangs, which then goes on: ERR_PORT_TAKEN", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    await using emit = await lease(project, port);
    const work = startWork();
    const used = emit.use(() => work.finished);
    await expect(serveAlone(project, port, createJumpingClock())).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      pid: process.pid,
    });
    work.finish();
    await used;
    expect(await emit.use(() => jwksStatus(port))).toBe(200);
    expect(readRunFile(project, port)?.command).toBe("emit");
  });

  test("is not given way to by another that wants the same: ERR_PORT_TAKEN", async () => {
    using project = createTemporaryProject();
    const port = await findFreePort();
    await using first = await serveAlone(project, port);
    await expect(serveAlone(project, port)).rejects.toMatchObject({ code: "ERR_PORT_TAKEN" });
    expect(await jwksStatus(first.port)).toBe(200);
  });
});

test("a third lease follows the second once that serves, and serves after it", async () => {
  using project = createTemporaryProject();
  const port = await findFreePort();
  const first = await lease(project, port);
  const second = await lease(project, port);
  await first.close();
  await second.use(() => jwksStatus(port));
  await using third = await lease(project, port);
  expect(await third.use(() => jwksStatus(port))).toBe(200);
  expect([second.hasServedJwks(), third.hasServedJwks()]).toEqual([true, undefined]);
  await second.close();
  expect(await third.use(() => jwksStatus(port))).toBe(200);
  expect(third.hasServedJwks()).toBe(true);
});

test("however often the issuer passes on, all work that uses a lease finds the JWKS", async () => {
  using project = createTemporaryProject();
  const port = await findFreePort();
  const statuses: unknown[] = [];
  const over = new AbortController();
  const keepUsing = async (used: Promise<IssuerLease>): Promise<void> => {
    const own = await used;
    while (!over.signal.aborted) {
      statuses.push(await own.use(() => jwksStatus(port)).catch((error: unknown) => error));
      await turn();
    }
    await own.close();
  };
  // Two lean on whoever serves all along, and take over at times; others come, serve and go.
  const leaning = [keepUsing(lease(project, port)), keepUsing(lease(project, port))];
  for (let passed = 0; passed < 6; passed++) {
    const passing = await lease(project, port);
    statuses.push(await passing.use(() => jwksStatus(port)));
    await passing.close();
  }
  over.abort();
  await Promise.all(leaning);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(listRunFiles(project)).toEqual([]);
  await expect(jwksStatus(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("work that does not end holds up the next issuer for two seconds at most", async () => {
  using project = createTemporaryProject();
  const port = await findFreePort();
  const first = await lease(project, port);
  await using second = await lease(project, port);
  const work = startWork();
  const used = second.use(() => work.finished);
  await first.close();
  expect(await second.use(() => jwksStatus(port))).toBe(200);
  work.finish();
  await used;
});

test("when the process that serves is killed, the next serves at once, whatever is under way", async () => {
  using project = createTemporaryProject();
  writeKeysFile(project, keysFileOf(signingKey));
  const port = await findFreePort();
  await using mock = startCli(["mock", "--issuer-port", String(port)], { cwd: project.root });
  await mock.line(/^ready/);
  await using follower = await lease(project, port);
  expect(follower.hasServedJwks()).toBeUndefined();
  const work = startWork();
  const used = follower.use(() => work.finished);
  mock.child.kill("SIGKILL");
  await mock.ended;
  await expect.poll(() => jwksStatus(port).catch(() => undefined)).toBe(200);
  expect(follower.hasServedJwks()).toBe(true);
  expect(readRunFile(project, port)?.pid).toBe(process.pid);
  work.finish();
  await used;
});

test("a lease that is closed in the middle of its take-over leaves nothing behind", async () => {
  using project = createTemporaryProject();
  // Closed ever later after it has seen that the port may be free.
  for (let steps = 0; steps < 12; steps++) {
    const port = await findFreePort();
    const first = await serve(project, { port });
    const waits: (() => void)[] = [];
    const clock: Clock = { now: () => 0, wait: () => new Promise((resolve) => waits.push(resolve)) };
    const second = await lease(project, port, { clock });
    const holdingUp = await follow(project, port);
    const closing = first.close();
    // The second has hung up and waits for the port, which the first holds for us.
    await expect.poll(() => waits.length).toBe(1);
    holdingUp.hangUp();
    await closing;
    waits[0]?.();
    for (let step = 0; step < steps; step++) await Promise.resolve();
    await second.close();
    for (let passed = 0; passed < 5; passed++) await turn();
    await expect(jwksStatus(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(listRunFiles(project)).toEqual([]);
  }
});

test("a holder that hangs up because it closes at that moment is waited for", async () => {
  using project = createTemporaryProject();
  await using server = await startTcpServer((socket) => {
    socket.once("data", () => void server[Symbol.asyncDispose]());
  });
  await using own = await lease(project, server.port);
  expect(await own.use(() => jwksStatus(server.port))).toBe(200);
});

test("holders that each have gone before it is known who they were are waited for, as when nobody answers", async () => {
  using project = createTemporaryProject();
  const port = await findFreePort();
  let serving: AsyncDisposable | undefined;
  const serveOnce = async (): Promise<void> => {
    const server = await startTcpServer((socket) => {
      socket.once("data", () => void server[Symbol.asyncDispose]());
    }, port);
    serving = server;
  };
  const { now, wait } = createJumpingClock();
  let left = 10;
  const clock: Clock = {
    now,
    wait: async (delayMs, signal) => {
      await wait(delayMs, signal);
      await serving?.[Symbol.asyncDispose]();
      if (left-- > 0) await serveOnce();
    },
  };
  await serveOnce();
  await using own = await lease(project, port, { clock });
  expect(left).toBe(-1);
  expect(await own.use(() => jwksStatus(port))).toBe(200);
});

describe("a port that can't be shared", () => {
  test("because of another project is ERR_OTHER_PROJECT, with its pid", async () => {
    using project = createTemporaryProject();
    using other = createTemporaryProject();
    await using holder = await serve(other);
    await expect(lease(project, holder.port)).rejects.toMatchObject({
      code: "ERR_OTHER_PROJECT",
      port: holder.port,
      pid: process.pid,
    });
    expect(existsSync(project.directory)).toBe(false);
  });

  test("because of another program is ERR_PORT_TAKEN, with its pid", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    await expect(lease(project, receiver.port)).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      port: receiver.port,
      pid,
    });
  });

  test("because of a program that hangs up is ERR_PORT_TAKEN in the end", async () => {
    using project = createTemporaryProject();
    await using server = await startTcpServer(
      (socket) => void socket.resume().once("data", () => socket.destroy()),
    );
    await expect(lease(project, server.port, { clock: createJumpingClock() })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      pid,
    });
  });

  test("because its issuer has an older key of this project is ERR_STALE_ISSUER", async () => {
    using project = createTemporaryProject();
    await using holder = await serve(project, { signingKeys: createSigningKeys(foreignKey) });
    await expect(lease(project, holder.port)).rejects.toMatchObject({ code: "ERR_STALE_ISSUER" });
  });

  test("but not because our key was rotated and retired while it was asked", async () => {
    using project = createTemporaryProject();
    await using holder = await serve(project);
    const asked: string[] = [];
    const changing: RotatableKeys = {
      ...signingKeys,
      current: () => {
        const key = asked.length === 0 ? foreignKey : signingKey;
        asked.push(key.kid);
        return key;
      },
    };
    await using own = await lease(project, holder.port, { members: { signingKeys: changing } });
    expect(own.url).toBe(holder.url);
    expect(asked.slice(0, 2)).toEqual([foreignKey.kid, signingKey.kid]);
  });

  test.each([
    ["is gone", undefined],
    ["has another token", "another"],
  ])("because the file of its run %s is ERR_PORT_TAKEN in the end, with its pid", async (_, token) => {
    using project = createTemporaryProject();
    await using holder = await serve(project);
    const path = join(project.directory, "run", `${holder.port}.json`);
    writeFileSync(
      path,
      token === undefined ? "" : JSON.stringify({ ...readRunFile(project, holder.port), token }),
    );
    await expect(lease(project, holder.port, { clock: createJumpingClock() })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      pid: process.pid,
    });
  });
});

test("work that fails fails for its caller alone", async () => {
  using project = createTemporaryProject();
  await using own = await lease(project, await findFreePort());
  await expect(own.use(() => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
  expect(await own.use(() => Promise.resolve("next"))).toBe("next");
});

function options(project: Project, port: number): LocalIssuerOptions {
  return { port, project, signingKeys, history: createMemoryHistory(), command: "emit" };
}

async function serve(
  project: Project,
  members: Partial<LocalIssuerOptions> = {},
): Promise<Issuer & AsyncDisposable> {
  const issuer = await serveIssuer({ ...options(project, 0), ...members });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

async function serveAlone(
  project: Project,
  port: number,
  clock: Clock = systemClock,
): Promise<ServedIssuer & AsyncDisposable> {
  const issuer = await serveIssuerAlone({ ...options(project, port), command: "mock" }, clock);
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

async function lease(
  project: Project,
  port: number,
  { clock = systemClock, members = {} }: { clock?: Clock; members?: Partial<LocalIssuerOptions> } = {},
): Promise<IssuerLease & AsyncDisposable> {
  const own = await leaseIssuer({ ...options(project, port), ...members }, clock);
  return {
    get url() {
      return own.url;
    },
    hasServedJwks: own.hasServedJwks,
    use: own.use,
    close: own.close,
    [Symbol.asyncDispose]: () => own.close(),
  };
}

async function jwksStatus(port: number): Promise<number | undefined> {
  return (await ask(port, jwksPath)).status;
}

async function tokenWorks(port: number, token: string | undefined): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  return (await ask(port, "/_devhook/api/deliveries", { headers })).status === 200;
}

/** Follows the issuer as another process would. */
async function follow(project: Project, port: number): Promise<FollowedIssuer> {
  const followed = await followIssuer(readRunFile(project, port)!);
  if (followed === undefined) throw new Error("nobody to follow");
  return followed;
}

/** Work that goes on until the test ends it. */
function startWork(): { readonly finished: Promise<void>; readonly finish: () => void } {
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  return { finished, finish };
}
