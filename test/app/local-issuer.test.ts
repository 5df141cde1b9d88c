/** The issuer of a command that serves alone: a tunnel, a mock. What emits share is in issuer-lease.test.ts. */
import { describe, expect, test } from "vitest";
import { serveIssuerAlone, type LocalIssuerOptions, type ServedIssuer } from "../../src/app/local-issuer.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import type { Project } from "../../src/project/directory.ts";
import { listRunFiles, readRunFile } from "../../src/project/run-file.ts";
import { createBlendedJwks } from "../../src/trust/blended-jwks.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { foreignKey, signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { ask } from "../issuer/ask.ts";
import { startTcpServer } from "../net/tcp-server.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createJumpingClock } from "./jumping-clock.ts";

const publicUrl = "https://acme-devhook.tunnel.example";

async function serveAlone(
  project: Project,
  members: Partial<LocalIssuerOptions> = {},
  clock = systemClock,
): Promise<ServedIssuer & AsyncDisposable> {
  const options = { port: 0, project, signingKeys, history: createMemoryHistory(), command: "tunnel" };
  const issuer = await serveIssuerAlone({ ...options, ...members }, clock);
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close(0) };
}

describe("a tunnel's issuer", () => {
  test("is announced as a tunnel's, first without its URL, then with it", async () => {
    using project = createTemporaryProject();
    const before = Date.now();
    await using issuer = await serveAlone(project);
    const { port, run } = issuer;
    expect(readRunFile(project, port)).toEqual(run);
    expect(run).toMatchObject({ port, pid: process.pid, command: "tunnel", webhooks: [] });
    expect(run.startedAt).toBeGreaterThanOrEqual(before);
    issuer.publish(publicUrl);
    expect(readRunFile(project, port)).toEqual({ ...run, publicUrl });
    await issuer.close(0);
    expect(listRunFiles(project)).toEqual([]);
  });

  test("serves Kinde's keys beside ours, and sends on what it has not", async () => {
    using project = createTemporaryProject();
    await using kinde = await startStandInKinde({
      privateJwk: foreignKey.privateKey.export({ format: "jwk" }),
    });
    const blended = createBlendedJwks({
      localIssuer: "http://localhost:4455",
      localKeys: signingKeys.jwks,
      remote: createRemoteJwks(kinde.issuer),
    });
    await using issuer = await serveAlone(project, { blended });
    const { json } = await ask(issuer.port, "/.well-known/jwks");
    expect(json).toMatchObject({ keys: [{ kid: kinde.kid }, { kid: signingKey.kid }] });
    const { status, headers } = await ask(issuer.port, "/oauth2/auth");
    expect([status, headers.location]).toEqual([307, `${kinde.issuer}/oauth2/auth`]);
    // Who shares the issuer verifies with our key.
    const health = await ask(issuer.port, "/_devhook/api/health");
    expect(health.json).toMatchObject({ keyIds: [signingKey.kid] });
  });

  test("fetches Kinde's keys ahead of the first question", async () => {
    using project = createTemporaryProject();
    let hasAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (hasAsked = resolve));
    const set = { keys: [signingKey.publicJwk] };
    const own = createBlendedJwks({ localIssuer: "x", localKeys: () => set, remote: undefined });
    const jwks = (): Promise<typeof set> => {
      hasAsked();
      return Promise.resolve(set);
    };
    await using issuer = await serveAlone(project, { blended: { ...own, jwks } });
    await asked;
    expect(issuer.hasServedJwks()).toBe(false);
  });

  test("without Kinde's is ours alone, and sends nothing on", async () => {
    using project = createTemporaryProject();
    await using issuer = await serveAlone(project);
    const { json } = await ask(issuer.port, "/.well-known/jwks");
    expect(json).toEqual({ keys: [signingKey.publicJwk] });
    expect((await ask(issuer.port, "/oauth2/auth")).status).toBe(404);
  });
});

describe("a mock's issuer", () => {
  test("is announced with the endpoints as they are, and once it closes no more", async () => {
    using project = createTemporaryProject();
    await using issuer = await serveAlone(project, { command: "mock" });
    issuer.announce(["http://localhost:3000/a"]);
    expect(readRunFile(project, issuer.port)).toEqual({
      ...issuer.run,
      webhooks: ["http://localhost:3000/a"],
    });
    await issuer.close(0);
    // The Management API answers to the last moment.
    issuer.announce([]);
    expect(listRunFiles(project)).toEqual([]);
  });
});

describe("a port that is taken", () => {
  test.each([
    ["open", publicUrl],
    ["not open yet", undefined],
  ])("by this project's own tunnel, %s, is ERR_TUNNEL_RUNNING with its URL and pid", async (_, url) => {
    using project = createTemporaryProject();
    await using holder = await serveAlone(project);
    if (url !== undefined) holder.publish(url);
    const run = readRunFile(project, holder.port);
    await expect(serveAlone(project, { port: holder.port })).rejects.toMatchObject({
      code: "ERR_TUNNEL_RUNNING",
      exitCode: 2,
      pid: process.pid,
      publicUrl: url,
    });
    expect(readRunFile(project, holder.port)).toEqual(run);
  });

  test.each([
    ["mock", "tunnel"],
    ["tunnel", "mock"],
    ["mock", "mock"],
  ])("by this project's own %s is ERR_PORT_TAKEN for a %s, with its pid", async (command, second) => {
    using project = createTemporaryProject();
    await using holder = await serveAlone(project, { command });
    await expect(serveAlone(project, { command: second, port: holder.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      exitCode: 3,
      port: holder.port,
      pid: process.pid,
    });
  });

  test.each(["tunnel", "mock", "emit"])("by another project's %s is ERR_OTHER_PROJECT", async (command) => {
    using project = createTemporaryProject();
    using other = createTemporaryProject();
    await using holder = await serveAlone(other, { command });
    await expect(serveAlone(project, { port: holder.port })).rejects.toMatchObject({
      code: "ERR_OTHER_PROJECT",
      exitCode: 2,
      pid: process.pid,
    });
    expect(listRunFiles(project)).toEqual([]);
  });

  test("by a stranger is ERR_PORT_TAKEN at once", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    await expect(serveAlone(project, { port: receiver.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      port: receiver.port,
    });
    expect(receiver.requests).toHaveLength(1);
  });

  test("by somebody who always hangs up is ERR_PORT_TAKEN in the end", async () => {
    using project = createTemporaryProject();
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.destroy()));
    await expect(serveAlone(project, { port: server.port }, createJumpingClock())).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
    });
  });

  test("by somebody who goes at that moment is waited for", async () => {
    using project = createTemporaryProject();
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => void server[Symbol.asyncDispose]());
    });
    await using issuer = await serveAlone(project, { port: server.port });
    expect(issuer.port).toBe(server.port);
  });
});
