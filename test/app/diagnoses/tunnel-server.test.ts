import { describe, expect, test } from "vitest";
import { checkTunnel, type TunnelServerOptions } from "../../../src/app/diagnoses/tunnel-server.ts";
import type { Finding } from "../../../src/app/diagnoses/finding.ts";
import { writeRunFile } from "../../../src/project/run-file.ts";
import { startFakeLocaltunnelServer, type RegistrationMode } from "../../helpers/fake-localtunnel-server.ts";
import { findFreePort } from "../../helpers/free-port.ts";
import { startLocaltunnelServer } from "../../helpers/localtunnel-server.mjs";
import { startReceiver } from "../../helpers/receiver.ts";
import { startTestIssuer } from "../../issuer/test-issuer.ts";
import { createTemporaryProject } from "../../project/temporary-project.ts";
import { askFreely } from "./verdicts.ts";

async function check(
  host: string,
  more: Partial<TunnelServerOptions> = {},
  limitMs?: number,
): Promise<Finding> {
  using project = createTemporaryProject();
  return await checkTunnel(
    { project, host: new URL(host), otherWay: undefined, proxy: undefined, ...more },
    askFreely(limitMs),
  );
}

describe("the localtunnel server", () => {
  test("passes when it is one, and gives no name away", async () => {
    await using server = await startLocaltunnelServer();
    expect(await check(server.url)).toMatchObject({ verdict: "pass", message: `${server.url} answers` });
    const status = (await (await fetch(`${server.url}/api/status`)).json()) as object;
    expect(status).toMatchObject({ tunnels: 0 });
  });

  test("is never asked by a path that would be a name", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "too-many" });
    await check(server.url);
    expect(server.registrations).toEqual(["/api/status"]);
  });

  test.each<[string, RegistrationMode, Finding["verdict"], string | undefined]>([
    ["that tells its state", { body: { tunnels: 3 } }, "pass", undefined],
    ["that has no such page", { status: 404, body: "404" }, "pass", undefined],
    ["that is asked too often", "too-many", "warn", "WARN_TUNNEL_BUSY"],
    ["with a fault of its own", "error", "fail", "ERR_TUNNEL_UNAVAILABLE"],
    ["in whose place a page is shown", "html", "warn", "WARN_TUNNEL_UNSURE"],
    ["that is another service", { body: { ok: true } }, "warn", "WARN_TUNNEL_UNSURE"],
    ["that lets nobody in", "forbidden", "warn", "WARN_TUNNEL_UNSURE"],
    [
      "in whose place a sign-in is shown",
      { status: 302, headers: { location: "/login" } },
      "warn",
      "WARN_TUNNEL_UNSURE",
    ],
    [
      "that sends round in a circle",
      { status: 302, headers: { location: "/api/status" } },
      "warn",
      "WARN_TUNNEL_UNSURE",
    ],
  ])("%s comes to its verdict", async (_what, answer, verdict, code) => {
    await using server = await startFakeLocaltunnelServer({ answer });
    expect(await check(server.url)).toMatchObject({ verdict, code });
  });

  test("is followed when it has moved", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 0 } } });
    await using former = await startReceiver({
      answers: [(response) => void response.writeHead(301, { location: `${server.url}/api/status` }).end()],
    });
    expect((await check(new URL(former.url).origin)).verdict).toBe("pass");
  });

  test("that does not answer, or does not listen, must be fixed", async () => {
    await using server = await startFakeLocaltunnelServer({ answer: "never" });
    expect(await check(server.url, {}, 100)).toMatchObject({
      verdict: "fail",
      code: "ERR_TUNNEL_UNREACHABLE",
    });
    const absent = `http://localhost:${await findFreePort()}`;
    expect(await check(absent)).toMatchObject({ verdict: "fail", code: "ERR_TUNNEL_UNREACHABLE" });
  });

  test("is not asked where the tunnel is one's own", async () => {
    await using server = await startFakeLocaltunnelServer();
    const own = await check(server.url, { otherWay: "a tunnel of your own, https://hooks.example.com" });
    expect(own).toMatchObject({ verdict: "skip", message: expect.stringContaining("hooks.example.com") });
    expect(server.registrations).toEqual([]);
  });
});

test("a tunnel that this project runs is named, with its process", async () => {
  using project = createTemporaryProject();
  await using issuer = await startTestIssuer({ project: project.directory });
  await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 1 } } });
  const publicUrl = "https://devhook-abc.example.com";
  const run = { port: issuer.port, pid: process.pid, token: "t", webhooks: [] };
  writeRunFile(project, { ...run, command: "tunnel", publicUrl });
  const { message } = await check(server.url, { project });
  expect(message).toContain(`pid ${process.pid}, ${publicUrl}`);
});

test("a run file that a killed tunnel has left names none", async () => {
  using project = createTemporaryProject();
  await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 0 } } });
  const port = await findFreePort();
  writeRunFile(project, { port, pid: process.pid, token: "t", webhooks: [], command: "tunnel" });
  expect((await check(server.url, { project })).message).not.toContain("pid");
});
