/** The second day is bare `tunnel`. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { openTunnelClient } from "../helpers/tunnel-client.ts";
import { createProject, recordsOf } from "./project.ts";
import { createTunnelProject, readStateFile, type OpenTunnel } from "./tunnel-project.ts";

const nameOf = ({ ready }: OpenTunnel): string => new URL(ready.publicUrl!).hostname.split(".")[0]!;

test("the name that was made, and what was given as forward and issuer, are there the next time", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using first = await project.open([
    `user.*=${app.port}/users`,
    "-f",
    `${app.port}`,
    "--issuer",
    project.kinde.issuer,
  ]);
  await first.stop();
  expect(readStateFile(project)).toEqual({
    version: 1,
    subdomain: nameOf(first),
    issuer: project.kinde.issuer,
    forward: [`user.*=${app.port}/users`, String(app.port)],
  });
  expect(statSync(join(project.directory, "state.json")).mode & 0o777).toBe(0o600);

  await using second = await project.open();
  const { publicUrl, issuer, forward } = first.ready;
  expect(second.ready).toMatchObject({ publicUrl, issuer, forward });
  const { status } = await project.kinde.deliver(second.url, project.kinde.signWebhook("user.created"));
  expect(status).toBe(200);
});

test("what is given anew is remembered in its place, and the rest stays", async () => {
  await using project = await createTunnelProject();
  const before = `${project.kinde.issuer}/before`;
  project.write(
    ".kinde-devhook/state.json",
    JSON.stringify({ subdomain: "devhook-before", issuer: before, forward: ["1"], x: 1 }),
  );
  await using tunnel = await project.open(["4001", "-s", "devhook-after"]);
  await tunnel.stop();
  expect(tunnel.ready).toMatchObject({
    publicUrl: `http://devhook-after.localhost:${project.server.port}`,
    issuer: before,
  });
  expect(readStateFile(project)).toEqual({
    version: 1,
    subdomain: "devhook-after",
    issuer: before,
    forward: ["4001"],
    x: 1,
  });
});

test("what the environment gives is used and not remembered", async () => {
  await using project = await createTunnelProject();
  const env = {
    KINDE_DEVHOOK_FORWARD: "4001,user.*=4002",
    KINDE_DEVHOOK_ISSUER: project.kinde.issuer,
    KINDE_DEVHOOK_SUBDOMAIN: "devhook-of-environment",
  };
  await using tunnel = await project.open([], { env });
  await tunnel.stop();
  expect(tunnel.ready).toMatchObject({
    publicUrl: `http://devhook-of-environment.localhost:${project.server.port}`,
    issuer: project.kinde.issuer,
    forward: ["http://localhost:4001", "user.*=http://localhost:4002"],
  });
  expect(readStateFile(project)).toEqual({ version: 1 });
});

describe("a state file that makes no sense", () => {
  test.each([
    ["of another kind", { subdomain: "NOT A NAME", forward: ["user.*="], issuer: "ftp://x" }],
    ["with other types", { subdomain: 5, forward: "4001", issuer: [] }],
  ])("%s is as good as forgotten", async (_what, state) => {
    await using project = await createTunnelProject();
    project.write(".kinde-devhook/state.json", JSON.stringify(state));
    await using tunnel = await project.open();
    expect(tunnel.ready).toMatchObject({ issuer: null, forward: ["http://localhost:3000"] });
    expect(readStateFile(project)).toMatchObject({ subdomain: nameOf(tunnel) });
  });
});

test.each([
  ["is damaged", "{damaged"],
  ["holds no object", "[]"],
])(
  "a state file that %s is left as it is, and people are told that nothing is remembered",
  async (_what, content) => {
    await using project = await createTunnelProject();
    project.write(".kinde-devhook/state.json", content);
    await using tunnel = await project.open();
    const [, warning, ...others] = recordsOf(await tunnel.stop(), "warning");
    expect(warning).toMatchObject({ code: "WARN_STATE_NOT_WRITTEN" });
    expect(warning?.message).toContain(join(project.directory, "state.json"));
    expect(others).toEqual([]);
    expect(readFileSync(join(project.directory, "state.json"), "utf8")).toBe(content);
  },
);

describe("a name that somebody else has", () => {
  test("is never given up for another: exit 3, ERR_SUBDOMAIN_TAKEN, and nothing is remembered", async () => {
    await using project = await createTunnelProject();
    using _other = await openTunnelClient(project.server.url, "devhook-taken", 1);
    const result = await project.run(["tunnel", "-s", "devhook-taken", "--json"]);
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code: 3, reason: "ERR_SUBDOMAIN_TAKEN" });
    expect(result.records.map(({ record }) => record)).not.toContain("ready");
    expect(result.stderr).toMatch(/^error .*devhook-taken is taken.*--any-subdomain.*$/m);
    expect(existsSync(join(project.directory, "state.json"))).toBe(false);
  });

  test("is given up with --any-subdomain for the one that is granted, which is told", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    using _other = await openTunnelClient(project.server.url, "devhook-taken", 1);
    await using tunnel = await project.open([
      String(app.port),
      "-s",
      "devhook-taken",
      "--any-subdomain",
      "--issuer",
      project.kinde.issuer,
    ]);
    expect(nameOf(tunnel)).not.toBe("devhook-taken");
    const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect(status).toBe(200);
    // Neither the name that this project never had nor the one of this time is remembered.
    expect(readStateFile(project)).not.toHaveProperty("subdomain");
    const warnings = recordsOf(await tunnel.stop(), "warning");
    expect(warnings).toMatchObject([{ code: "WARN_SUBDOMAIN_TAKEN" }]);
  });

  test("ends nothing when it is free again a moment later", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: "taken" });
    await using tunnel = project.start(["tunnel", "-s", "devhook-mine", "--host", server.url, "--json"]);
    await server.nextRegistration();
    server.answerWith("tunnel");
    const ready = JSON.parse(await tunnel.line(/"ready"/)) as { publicUrl: string };
    expect(ready.publicUrl).toBe(`http://devhook-mine.localhost:${server.port}`);
    expect(new Set(server.registrations)).toEqual(new Set(["/devhook-mine"]));
  });
});
