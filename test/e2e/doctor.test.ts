/** `doctor`, from the command line to the exit code. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CheckRecord } from "../../src/cli/output/records.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startFakeLocaltunnelServer } from "../helpers/fake-localtunnel-server.ts";
import { startReceiver } from "../helpers/receiver.ts";
import type { CliResult } from "../helpers/cli.ts";
import { createProject, recordsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

function checkOf(result: CliResult, name: string): CheckRecord {
  const [record, ...others] = recordsOf(result, "check").filter((check) => check.case === name);
  expect(others).toEqual([]);
  return record!;
}

describe("doctor", () => {
  test("ends with 0 where nothing must be fixed: a record for each check, and the exit", async () => {
    await using project = await createTunnelProject();
    chmodSync(project.directory, 0o700);
    await using app = await startReceiver();
    project.write(".env", `KINDE_ISSUER_URL=${project.issuer}\n`);
    const result = await project.run([
      "doctor",
      String(app.port),
      "--issuer",
      project.kinde.issuer,
      "--json",
    ]);
    const checks = recordsOf(result, "check");
    expect(checks.filter(({ verdict }) => verdict === "fail" || verdict === "warn")).toEqual([]);
    expect(checks[0]).toEqual({
      record: "check",
      at: expect.any(String),
      case: "node",
      verdict: "pass",
      message: process.versions.node,
      advice: null,
      code: null,
    });
    expect(result.records.at(-1)).toMatchObject({ record: "exit", code: 0, reason: "done" });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: "" });
    expect(app.requests).toEqual([]);
    const status = await fetch(`${project.server.url}/api/status`);
    expect(await status.json()).toMatchObject({ tunnels: 0 });
  });

  test("ends with 1 where something must be, and says what to do", async () => {
    using project = await createProject();
    chmodSync(project.directory, 0o700);
    await using stranger = await startReceiver();
    const app = await findFreePort();
    const args = ["doctor", String(app), "--host", `http://localhost:${await findFreePort()}`];
    const env = { KINDE_DEVHOOK_ISSUER_PORT: String(stranger.port) };
    const { code, stdout, stderr } = await project.run(args, { env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^✓ node {9}\d/m);
    expect(stdout).toMatch(/^✕ port .*\(ERR_PORT_TAKEN\)\n {15}Stop it, or choose another port/m);
    expect(stdout).toMatch(/^✕ tunnel .*\(ERR_TUNNEL_UNREACHABLE\)\n {15}Start/m);
    expect(stdout).toMatch(new RegExp(`^! app {10}nothing listens at http://localhost:${app} `, "m"));
    expect(stdout).toMatch(/^– credentials {2}/m);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("2 must be fixed; 2 to look at.");
    const asJson = await project.run([...args, "--json"], { env });
    expect(asJson.code).toBe(1);
    expect(asJson.records.at(-1)).toMatchObject({ record: "exit", code: 1, reason: "must_be_fixed" });
  });

  test("changes nothing in a project, and makes nothing in a directory that is none", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer({ answer: { body: { tunnels: 0 } } });
    const before = snapshot(project.path);
    await project.run(["doctor", "--host", server.url]);
    expect(snapshot(project.path)).toEqual(before);
    using empty = createTemporaryDirectory();
    await project.run(["doctor", "--host", server.url, "--issuer", server.url], { cwd: empty.path });
    expect(readdirSync(empty.path)).toEqual([]);
    expect(server.registrations.filter((path) => path.split("/").length < 3)).toEqual([]);
  });

  test("looks at what is remembered, and at what the environment and the flags say instead", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    const state = { issuer: project.kinde.issuer, host: project.server.url, forward: [`${app.port}/hooks`] };
    project.write(".kinde-devhook/state.json", JSON.stringify(state));
    const remembered = await project.run(["doctor", "--json"], { env: { KINDE_DEVHOOK_HOST: undefined } });
    expect(checkOf(remembered, "issuer").message).toContain(`${state.issuer} (remembered)`);
    expect(checkOf(remembered, "tunnel").message).toBe(`${state.host} answers`);
    expect(checkOf(remembered, "app").message).toContain(`http://localhost:${app.port} listens`);
    const absent = await findFreePort();
    const env = { KINDE_DEVHOOK_FORWARD: String(absent) };
    expect(checkOf(await project.run(["doctor", "--json"], { env }), "app")).toMatchObject({
      verdict: "warn",
    });
    const flagged = await project.run(["doctor", "--json", "-f", String(app.port)], { env });
    expect(checkOf(flagged, "app")).toMatchObject({ verdict: "pass" });
  });

  test("names the tunnel that runs, and the port that it has", async () => {
    await using project = await createTunnelProject();
    await using tunnel = await project.open(["--issuer", project.kinde.issuer]);
    const result = await project.run(["doctor", "--json"]);
    const pid = `pid ${tunnel.child.pid}`;
    expect(checkOf(result, "port")).toMatchObject({ verdict: "pass", message: expect.stringContaining(pid) });
    expect(checkOf(result, "tunnel").message).toContain(`${pid}, ${tunnel.ready.publicUrl}`);
    expect(recordsOf(await tunnel.stop(), "refused")).toEqual([]);
  });

  test("asks the localtunnel server that is set, whatever other tunnel is remembered", async () => {
    await using project = await createTunnelProject();
    project.write(".kinde-devhook/state.json", JSON.stringify({ tunnel: { provider: "ngrok" } }));
    const env = { KINDE_DEVHOOK_HOST: project.server.url };
    const { message } = checkOf(await project.run(["doctor", "--json"], { env }), "tunnel");
    expect(message).toBe(`${project.server.url} answers`);
  });

  test("ends with 1 where what is set does not go together, as `tunnel` then opens none", async () => {
    await using project = await createTunnelProject();
    const env = { KINDE_DEVHOOK_PUBLIC_URL: "https://hooks.example.com" };
    const result = await project.run(["doctor", "--json"], { env });
    expect(checkOf(result, "settings")).toMatchObject({
      verdict: "fail",
      code: "ERR_INVALID_OPTION",
      message: expect.stringContaining("--intake-port"),
    });
    expect(result.code).toBe(1);
    expect((await project.run(["tunnel", "--json"], { env })).code).toBe(2);
  });

  test("asks no localtunnel server where a tunnel of one's own is set", async () => {
    using project = await createProject();
    await using server = await startFakeLocaltunnelServer();
    const env = {
      KINDE_DEVHOOK_PUBLIC_URL: "https://hooks.example.com",
      KINDE_DEVHOOK_INTAKE_PORT: "4460",
      KINDE_DEVHOOK_HOST: server.url,
    };
    const result = await project.run(["doctor", "--json"], { env });
    expect(checkOf(result, "tunnel")).toMatchObject({ verdict: "skip" });
    expect(server.registrations).toEqual([]);
  });
});

describe("the settings", () => {
  test("are told by name, and not by value", async () => {
    using project = await createProject();
    project.write(".env", "KINDE_DEVHOOK_HEADER='X-Key: very-secret'\n");
    project.write("package.json", '{"kinde-devhook":{"issuerPort":4460,"json-token":true}}');
    const result = await project.run(["doctor", "--json"], { env: { KINDE_DEVHOOK_HOME: ".kinde-devhook" } });
    expect(checkOf(result, "settings")).toMatchObject({ verdict: "pass" });
    for (const name of ["KINDE_DEVHOOK_HEADER (.env)", '"issuerPort" (package.json)']) {
      expect(checkOf(result, "settings").message).toContain(name);
    }
    expect(result.stdout).not.toContain("very-secret");
  });

  test.each([
    ["a variable", "KINDE_DEVHOOK_FOREWARD", "KINDE_DEVHOOK_FORWARD"],
    ["a variable in small letters", "KINDE_DEVHOOK_forward", "KINDE_DEVHOOK_FORWARD"],
  ])("that are misspelt in %s are told with the nearest", async (_where, name, nearest) => {
    using project = await createProject();
    const result = await project.run(["doctor", "--json"], { env: { [name]: "3000" } });
    expect(checkOf(result, "settings")).toMatchObject({
      verdict: "warn",
      code: "WARN_UNKNOWN_SETTING",
      message: expect.stringContaining(name) as string,
      advice: `Did you mean ${nearest}?`,
    });
  });

  test("that are misspelt in a configuration file are told, whichever is read", async () => {
    using project = await createProject();
    project.write("own.json", '{"issuer-prot":4460}');
    const result = await project.run(["doctor", "--json", "--config", "own.json"]);
    expect(checkOf(result, "settings")).toMatchObject({
      verdict: "warn",
      advice: "Did you mean issuer-port?",
    });
  });

  test("that another command could not read must be fixed, and are told once", async () => {
    using project = await createProject();
    const result = await project.run(["doctor", "--json"], { env: { KINDE_DEVHOOK_TIMEOUT: "soon" } });
    expect(checkOf(result, "settings")).toMatchObject({ verdict: "fail", code: "ERR_INVALID_OPTION" });
    expect(result.code).toBe(1);
  });
});

describe("credentials", () => {
  const secret = "secret-of-my-app";

  test.each([
    ["that the issuer knows pass", secret, "pass", null],
    ["that it does not know must be fixed", "another-secret", "fail", "ERR_CREDENTIALS_REFUSED"],
  ])("%s, and are not shown", async (_what, given, verdict, code) => {
    using project = await createProject();
    using elsewhere = await createProject();
    await using mock = elsewhere.start(["mock", "--client", `my-app:${secret}`]);
    await mock.line(/^ready/);
    project.write(".env", `KINDE_MANAGEMENT_CLIENT_ID=my-app\nKINDE_MANAGEMENT_CLIENT_SECRET=${given}\n`);
    const result = await project.run(["doctor", "--json", "--issuer", elsewhere.issuer]);
    expect(checkOf(result, "credentials")).toMatchObject({ verdict, code });
    expect(result.stdout + result.stderr).not.toMatch(/my-app|secret-of|another-secret|eyJ/);
  });
});

describe("what can't be read", () => {
  test.each([
    ["a flag there is not", ["--subdomain", "x"], "ERR_UNKNOWN_FLAG"],
    ["a port that is none", ["--issuer-port", "0"], "ERR_INVALID_OPTION"],
    ["a forward that is none", ["-f", "nonsense"], "ERR_INVALID_OPTION"],
    ["a host with a path", ["--host", "https://a.example/x"], "ERR_INVALID_OPTION"],
    ["an issuer that is none", ["--issuer", "http://acme.kinde.com"], "ERR_INVALID_OPTION"],
    ["a configuration file there is not", ["--config", "missing.json"], "ERR_INVALID_CONFIG"],
  ])("%s ends with 2, before anything is checked", async (_what, args, code) => {
    using project = await createProject();
    const result = await project.run(["doctor", "--json", ...args]);
    expect(result.code).toBe(2);
    expect(result.records).toMatchObject([{ record: "exit", code: 2, reason: code }]);
  });

  test("a flag that people know from elsewhere is named as it is called here", async () => {
    using project = await createProject();
    const { code, stderr } = await project.run(["doctor", "--port", "3000"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--forward 3000");
  });
});

test("Ctrl-C ends it at once, without a word", async () => {
  using project = await createProject();
  await using server = await startFakeLocaltunnelServer({ answer: "never" });
  await using doctor = project.start(["doctor", "--host", server.url]);
  await doctor.line(/app-issuer/);
  await server.nextRegistration();
  doctor.child.kill("SIGINT");
  const { code, stdout, stderr } = await doctor.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
  expect(stdout).not.toMatch(/^. tunnel|must be fixed/m);
});

describe.skipIf(!canRunAsAnybody())("a user who may not", () => {
  test("write the project or read its key is told so, with what to do", async () => {
    using project = await createProject();
    for (const path of [project.path, project.directory]) chmodSync(path, 0o555);
    chmodSync(join(project.directory, "keys.json"), process.getuid?.() === 0 ? 0o600 : 0o000);
    const args = ["doctor", "--json", "--host", `http://localhost:${await findFreePort()}`];
    const { status, stdout } = runAsAnybody([bin, ...args], project.path);
    expect(status).toBe(1);
    for (const code of ["ERR_PROJECT_NOT_WRITABLE", "ERR_KEYS_UNREADABLE"]) {
      expect(stdout).toMatch(new RegExp(`"verdict":"fail",.*"advice":".+","code":"${code}"`));
    }
    // So that it can be removed.
    for (const path of [project.path, project.directory]) chmodSync(path, 0o755);
  });
});

const bin = join(process.cwd(), "dist/cli.js");

/** Runs node as a user who is not root. */
function runAsAnybody(args: readonly string[], cwd: string): SpawnSyncReturns<string> {
  const nobody = 65_534;
  return spawnSync(process.execPath, args, {
    cwd,
    env: { PATH: process.env["PATH"], NO_COLOR: "1" },
    encoding: "utf8",
    ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
  });
}

/** A few containers hide the checkout from other users. */
function canRunAsAnybody(): boolean {
  const line = `require("node:fs").accessSync(${JSON.stringify(join(process.cwd(), "dist/cli.js"))})`;
  return process.platform !== "win32" && runAsAnybody(["-e", line], "/").status === 0;
}

/** Every file below a directory, with what it holds and when it was changed. */
function snapshot(directory: string): unknown {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = statSync(path);
    return { path, mode, mtimeMs, content: entry.isFile() ? readFileSync(path, "utf8") : null };
  });
}
