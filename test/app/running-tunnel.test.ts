import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { serveIssuer, type LocalIssuerOptions, type ServedIssuer } from "../../src/app/local-issuer.ts";
import { findEarlierTunnel, findRunningTunnel, TunnelRunningError } from "../../src/app/running-tunnel.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import type { Project } from "../../src/project/directory.ts";
import { readRunFile, writeRunFile, type RunRecord } from "../../src/project/run-file.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createJumpingClock } from "./jumping-clock.ts";

/** Serves as a command does, on a free port. */
async function serve(
  project: Project,
  members: Partial<LocalIssuerOptions> = {},
): Promise<ServedIssuer & AsyncDisposable> {
  const options = { port: 0, project, signingKeys, history: createMemoryHistory(), command: "tunnel" };
  const issuer = await serveIssuer({ ...options, ...members });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close(0) };
}

function recordOf(members: Partial<RunRecord>): RunRecord {
  return { port: 4455, pid: process.pid, command: "tunnel", token: "token", webhooks: [], ...members };
}

describe("the tunnel that a project runs", () => {
  test("is found, whatever its issuer's port, among what else runs", async () => {
    using project = createTemporaryProject();
    await using _emit = await serve(project, { command: "emit" });
    await using _mock = await serve(project, { command: "mock" });
    await using tunnel = await serve(project);
    expect(await findRunningTunnel(project)).toEqual(tunnel.run);
    tunnel.publish("https://acme-devhook.tunnel.example");
    expect(await findRunningTunnel(project)).toMatchObject({
      publicUrl: "https://acme-devhook.tunnel.example",
    });
    await tunnel.close(0);
    expect(await findRunningTunnel(project)).toBeUndefined();
  });

  test("is none in a project that runs nothing, or something else", async () => {
    using project = createTemporaryProject();
    expect(await findRunningTunnel(project)).toBeUndefined();
    await using _mock = await serve(project, { command: "mock" });
    expect(await findRunningTunnel(project)).toBeUndefined();
  });

  test("is none of another project", async () => {
    using project = createTemporaryProject();
    using other = createTemporaryProject();
    await using tunnel = await serve(other);
    expect(await findRunningTunnel(project)).toBeUndefined();
    // Nor if an old file of this project names its port.
    writeRunFile(project, recordOf({ port: tunnel.port }));
    expect(await findRunningTunnel(project)).toBeUndefined();
  });

  test("is none that was killed: its file says nothing, whoever has its port now", async () => {
    using project = createTemporaryProject();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeRunFile(project, recordOf({ port: await findFreePort(), pid }));
    await using stranger = await startReceiver();
    writeRunFile(project, recordOf({ port: stranger.port, pid }));
    await using mock = await serve(project, { command: "mock" });
    writeRunFile(project, recordOf({ port: mock.port, pid }));
    expect(await findRunningTunnel(project)).toBeUndefined();
    await using tunnel = await serve(project);
    expect(await findRunningTunnel(project)).toEqual(tunnel.run);
  });
});

describe("of two tunnels that started at once", () => {
  const clock = createJumpingClock();

  /** Rewrites when a tunnel says it began. */
  function backdate(project: Project, tunnel: ServedIssuer, startedAt: number | undefined): RunRecord {
    const { startedAt: _, ...record } = readRunFile(project, tunnel.port)!;
    const run = { ...record, ...(startedAt !== undefined && { startedAt }) };
    writeRunFile(project, run);
    return run;
  }

  test("the later finds the earlier, which finds nobody", async () => {
    using project = createTemporaryProject();
    await using one = await serve(project);
    await using other = await serve(project);
    for (const [earlier, later] of [
      [one, other],
      [other, one],
    ] as const) {
      const [first, second] = [backdate(project, earlier, 1_000), backdate(project, later, 1_001)];
      expect(await findEarlierTunnel(project, second, clock)).toEqual(first);
      expect(await findEarlierTunnel(project, first, clock)).toBeUndefined();
    }
  });

  test.each([1_000, undefined])(
    "at the very same moment (%s) exactly one finds the other",
    async (startedAt) => {
      using project = createTemporaryProject();
      await using one = await serve(project);
      await using other = await serve(project);
      const runs = [backdate(project, one, startedAt), backdate(project, other, startedAt)];
      const found = await Promise.all(runs.map((run) => findEarlierTunnel(project, run, clock)));
      expect(found.filter((run) => run !== undefined)).toHaveLength(1);
    },
  );

  test("one that has ended by then does not count", async () => {
    using project = createTemporaryProject();
    const one = await serve(project);
    await using other = await serve(project);
    const gone = backdate(project, one, 1_000);
    const own = backdate(project, other, 2_000);
    await one.close(0);
    writeRunFile(project, gone);
    expect(await findEarlierTunnel(project, own, clock)).toBeUndefined();
  });

  test("a mock that began before is no tunnel", async () => {
    using project = createTemporaryProject();
    await using mock = await serve(project, { command: "mock" });
    await using tunnel = await serve(project);
    backdate(project, mock, 1_000);
    expect(await findEarlierTunnel(project, tunnel.run, clock)).toBeUndefined();
  });
});

test.each([
  ["https://acme-devhook.tunnel.example", "https://acme-devhook.tunnel.example"],
  [undefined, "not open yet"],
])("the error of a second tunnel names the first: %s", (publicUrl, said) => {
  const error = new TunnelRunningError(
    recordOf({ pid: 4_711, ...(publicUrl !== undefined && { publicUrl }) }),
  );
  expect(error).toMatchObject({ code: "ERR_TUNNEL_RUNNING", exitCode: 2, pid: 4_711, publicUrl });
  expect(error.message).toContain(`pid 4711, ${said}`);
});
