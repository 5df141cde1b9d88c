/** `tunnel --provider ngrok`, with stand-ins for what a user has of ngrok. The real one is never asked. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startFakeNgrokAgent } from "../helpers/fake-ngrok-agent.ts";
import { installNgrokCommand, installNgrokPackage, type FakeNgrokCommand } from "../helpers/fake-ngrok.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { recordsOf } from "./project.ts";
import { createTunnelProject, readStateFile, type TunnelProject } from "./tunnel-project.ts";

interface NgrokProject extends TunnelProject {
  readonly env: Readonly<Record<string, string | undefined>>;
  install(mode: string): FakeNgrokCommand;
}

/** Bare `tunnel` would open a localtunnel at the server of this machine. */
async function createNgrokProject(agentUrl?: URL): Promise<NgrokProject> {
  const project = await createTunnelProject();
  const bin = join(project.path, "bin");
  project.write(".kinde-devhook/state.json", JSON.stringify({ host: project.server.url }));
  return {
    ...project,
    install: (mode) => installNgrokCommand(bin, mode),
    env: {
      // No ngrok of this machine's own.
      PATH: bin,
      KINDE_DEVHOOK_HOST: undefined,
      KINDE_DEVHOOK_ISSUER: project.kinde.issuer,
      // As ngrok's own configuration has it.
      KINDE_DEVHOOK_NGROK_API: agentUrl?.host ?? `http://127.0.0.1:${await findFreePort()}`,
    },
  };
}

describe("by the command", () => {
  test("Kinde's webhooks reach the app, strangers do not, and ngrok ends with us after the last answer", async () => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    await using app = await startReceiver();
    await using tunnel = await project.open([String(app.port), "--provider", "ngrok"], { env: project.env });
    expect(tunnel.ready).toMatchObject({ probed: true });
    const token = project.kinde.signWebhook("user.created");
    expect((await project.kinde.deliver(tunnel.url, token)).status).toBe(200);
    expect((await app.next()).body.toString()).toBe(token);
    expect((await project.kinde.deliver(tunnel.url, project.kinde.accessToken())).status).toBe(401);
    expect((await tunnel.stop()).code).toBe(130);
    expect(command.notes.slice(1)).toEqual(["end"]);
    expect(readStateFile(project)).toEqual({
      version: 1,
      host: project.server.url,
      tunnel: { provider: "ngrok" },
      forward: [String(app.port)],
    });
  });

  test("a webhook that is under way at Ctrl-C is still answered through it", async () => {
    await using project = await createNgrokProject();
    project.install("open");
    await using app = await startReceiver({
      answers: [
        async (response) => {
          tunnel.child.kill("SIGINT");
          await tunnel.line(/Stopping/);
          response.writeHead(200).end();
        },
      ],
    });
    await using tunnel = await project.show([String(app.port), "--provider", "ngrok"], { env: project.env });
    const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect(status).toBe(200);
    expect((await tunnel.ended).code).toBe(130);
  });

  test("ngrok that ends is told, and started again", async () => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    await using app = await startReceiver();
    await using tunnel = await project.open([String(app.port), "--provider", "ngrok"], { env: project.env });
    process.kill(command.pid, "SIGKILL");
    const down = JSON.parse(await tunnel.line(/"state":"down"/)) as { reason: string };
    expect(down.reason).toContain("ngrok has ended (SIGKILL)");
    const up = JSON.parse(await tunnel.line(/"state":"up"/)) as { url: string };
    const token = project.kinde.signWebhook("user.created");
    expect((await project.kinde.deliver(`${up.url}/api/webhook`, token)).status).toBe(200);
    // A stand-in has another port each time, as an account without a URL of its own has another name.
    await tunnel.line(/WARN_URL_CHANGED/);
    await tunnel.stop();
  });

  test("a terminal that is closed leaves no ngrok behind", async () => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    await using tunnel = await project.show(["--provider", "ngrok"], { env: project.env });
    tunnel.child.kill("SIGHUP");
    expect((await tunnel.ended).code).toBe(129);
    await expect.poll(() => command.notes.at(-1)).toBe("end");
  });

  test("a second Ctrl-C leaves no ngrok behind", async () => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    await using app = await startReceiver({
      answers: [
        async () => {
          tunnel.child.kill("SIGINT");
          await tunnel.line(/Stopping/);
          tunnel.child.kill("SIGINT");
        },
      ],
    });
    await using tunnel = await project.show([String(app.port), "--provider", "ngrok"], { env: project.env });
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created")).catch(() => {});
    expect((await tunnel.ended).code).toBe(130);
    await expect.poll(() => command.notes.at(-1)).toBe("end");
  });
});

test("a terminal that is closed leaves no tunnel at an agent that runs", async () => {
  await using agent = await startFakeNgrokAgent();
  await using project = await createNgrokProject(agent.url);
  await using tunnel = await project.show(["--provider", "ngrok"], { env: project.env });
  expect(agent.names).toHaveLength(1);
  // From the system, and from the shell.
  tunnel.child.kill("SIGHUP");
  tunnel.child.kill("SIGHUP");
  expect((await tunnel.ended).code).toBe(129);
  expect(agent.names).toEqual([]);
});

test("by an agent that runs: a tunnel of it, which is gone when the process is", async () => {
  await using agent = await startFakeNgrokAgent();
  await using project = await createNgrokProject(agent.url);
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--provider", "ngrok"], { env: project.env });
  expect(agent.names).toHaveLength(1);
  const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  expect(status).toBe(200);
  await tunnel.stop();
  expect(agent.names).toEqual([]);
});

test("by an agent whose tunnel leads to --intake-port already: its URL is taken, and stays", async () => {
  await using agent = await startFakeNgrokAgent();
  await using project = await createNgrokProject(agent.url);
  const port = await findFreePort();
  const url = await agent.open("command_line", `http://localhost:${port}`, port);
  await using first = await project.open(["--provider", "ngrok", "--intake-port", String(port)], {
    env: project.env,
  });
  expect(first.ready.publicUrl).toBe(url);
  await first.stop();
  expect(agent.names).toEqual(["command_line"]);
  await using second = await project.show([], { env: project.env });
  expect(second.url).toBe(`${url}/api/webhook`);
  const { stdout } = await second.stop();
  expect(stdout).toContain(`through ngrok (remembered), which leads to http://localhost:${port}`);
});

test("by the package of the project", async () => {
  await using project = await createNgrokProject();
  installNgrokPackage(project.path, "open");
  await using app = await startReceiver();
  const env = { ...project.env, NGROK_AUTHTOKEN: "a-token" };
  await using tunnel = await project.open([String(app.port), "--provider", "ngrok"], { env });
  const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  expect(status).toBe(200);
  expect((await tunnel.stop()).code).toBe(130);
});

describe("where there is none", () => {
  test.each([
    ["nothing of ngrok", undefined, "ERR_NGROK_NOT_FOUND", "https://ngrok.com/download"],
    [
      "a command without a token",
      "authentication failed: …\n\nERR_NGROK_4018",
      "ERR_NGROK_TOKEN_MISSING",
      "ngrok config add-authtoken",
    ],
    ["a command that fails", "mute", "ERR_NGROK_FAILED", "exit code 7"],
  ])("%s: exit 3, one line with what to do, and nothing is remembered", async (_what, mode, code, advice) => {
    await using project = await createNgrokProject();
    if (mode !== undefined) project.install(mode);
    const result = await project.run(["tunnel", "--provider", "ngrok", "--json"], { env: project.env });
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code: 3, reason: code });
    expect(result.stderr).toMatch(new RegExp(`^error [^\\n]*${advice}[^\\n]* \\(${code}\\)$`, "m"));
    expect(readStateFile(project)).toEqual({ host: project.server.url });
  });

  test.each([
    ["--provider", ["--provider", "cloudflared"]],
    ["--subdomain", ["--provider", "ngrok", "-s", "devhook-mine"]],
    ["--provider", ["--provider", "ngrok", "--public-url", "https://x.example", "--intake-port", "4460"]],
  ])("a mistake about %s: exit 2", async (option, args) => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    const { code, stderr } = await project.run(["tunnel", ...args], { env: project.env });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^error Failed to read ${option}: .*\\(ERR_INVALID_OPTION\\)\\n$`));
    expect(command.notes).toEqual([]);
  });

  test("an address of the agent that is none is named by its variable: exit 2", async () => {
    await using project = await createNgrokProject();
    const env = { ...project.env, KINDE_DEVHOOK_NGROK_API: "localhost/api" };
    const { code, stderr } = await project.run(["tunnel", "--provider", "ngrok"], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("KINDE_DEVHOOK_NGROK_API");
  });
});

describe("the next day", () => {
  test("bare tunnel goes through ngrok, and says that it remembers; a flag of localtunnel's goes back", async () => {
    await using project = await createNgrokProject();
    const command = project.install("open");
    await using first = await project.open(["--provider", "ngrok"], { env: project.env });
    await first.stop();
    await using second = await project.show([], { env: project.env });
    const { stdout } = await second.stop();
    expect(stdout).toContain("through ngrok (remembered)");
    expect(command.notes.filter((note) => note.startsWith("start"))).toHaveLength(2);

    await using third = await project.open(["--provider", "localtunnel"], { env: project.env });
    await third.stop();
    expect(readStateFile(project)).not.toHaveProperty("tunnel");
    await using fourth = await project.open([], { env: project.env });
    expect(fourth.ready.publicUrl).toBe(third.ready.publicUrl);
    expect(third.ready.publicUrl).toContain(`.localhost:${project.server.port}`);
    expect(command.notes.filter((note) => note.startsWith("start"))).toHaveLength(2);
  });

  test("what the environment gives is used and not remembered", async () => {
    await using project = await createNgrokProject();
    project.install("open");
    const env = { ...project.env, KINDE_DEVHOOK_PROVIDER: "ngrok" };
    await using tunnel = await project.open([], { env });
    await tunnel.stop();
    expect(recordsOf(await tunnel.ended, "warning")).toEqual([]);
    expect(readStateFile(project)).not.toHaveProperty("tunnel");
  });
});
