/** What `tunnel` does where it can't write, and when nobody reads what it says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createProject, recordsOf } from "./project.ts";
import { createTunnelProject, readHistory } from "./tunnel-project.ts";

test("a project that can't be written: exit 2, ERR_PROJECT_NOT_WRITABLE, and nobody is asked for a tunnel", async () => {
  using project = await createProject();
  await using server = await startFakeLocaltunnelServer();
  project.write("file", "");
  const env = { KINDE_DEVHOOK_HOME: "file/below", KINDE_DEVHOOK_HOST: server.url };
  const { code, stderr } = await project.run(["tunnel"], { env });
  expect(code).toBe(2);
  expect(stderr).toContain("(ERR_PROJECT_NOT_WRITABLE)");
  expect(stderr).toContain(join(project.path, "file/below"));
  expect(server.registrations).toEqual([]);
});

test("a history that can't be written is told once, and webhooks go on", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  project.write(".kinde-devhook/history", "a file where a directory should be");
  await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
  for (const type of ["user.created", "user.updated", "user.deleted"]) {
    expect((await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type))).status).toBe(200);
  }
  const codes = recordsOf(await tunnel.stop(), "warning").map(({ code }) => code);
  expect(codes).toEqual(["WARN_HISTORY_NOT_WRITTEN"]);
});

test("a `.kinde-devhook` that is deleted while it runs ends nothing", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
  rmSync(project.directory, { recursive: true });
  const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  expect(status).toBe(200);
  expect(readHistory(project)).toHaveLength(1);
  expect((await tunnel.stop()).code).toBe(130);
});

test("the code of what is not 200 warns once with --json, however often it comes", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [204] });
  await using tunnel = await project.open([`${app.port}`, "--issuer", project.kinde.issuer]);
  for (const type of ["user.created", "user.updated"]) {
    expect((await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type))).status).toBe(204);
  }
  const result = await tunnel.stop();
  expect(recordsOf(result, "warning").map(({ code }) => code)).toEqual(["WARN_NOT_200"]);
  expect(recordsOf(result, "delivery").map(({ state }) => state)).toEqual(["pending", "pending"]);
});

test("a public URL on plain http is warned of", async () => {
  using project = await createProject();
  // Taken, so that the command ends before it asks for the URL.
  await using stranger = await startReceiver();
  const args = ["--public-url", "http://hooks.example.com", "--intake-port", String(stranger.port)];
  const result = await project.run(["tunnel", ...args, "--json"]);
  expect(result.code).toBe(2);
  expect(recordsOf(result, "warning").map(({ code }) => code)).toContain("WARN_NOT_HTTPS");
});

test("a reader that stops reading ends the tunnel quietly with 141, and nothing is left", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  const args = ["tunnel", `${app.port}`, "--issuer", project.kinde.issuer, "--json"];
  const tunnel = spawn(process.execPath, [join(process.cwd(), "dist/cli.js"), ...args], {
    cwd: project.path,
    env: {
      PATH: process.env["PATH"],
      KINDE_DEVHOOK_HOST: project.server.url,
      KINDE_DEVHOOK_ISSUER_PORT: String(project.issuerPort),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  tunnel.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(tunnel, "exit") as Promise<[number | null]>;
  try {
    // As `head -1` does.
    const [first] = (await once(createInterface({ input: tunnel.stdout }), "line")) as [string];
    tunnel.stdout.destroy();
    const { publicUrl } = JSON.parse(first) as { publicUrl: string };
    const { status } = await project.kinde.deliver(publicUrl, project.kinde.signWebhook("user.created"));
    expect([200, 503]).toContain(status);
    expect((await ended)[0]).toBe(141);
  } finally {
    tunnel.kill("SIGKILL");
    await ended;
  }
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  expect(project.readRunFile()).toBeUndefined();
});
