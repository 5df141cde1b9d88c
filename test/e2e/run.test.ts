import { join } from "node:path";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { signingKey } from "../helpers/keys.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf, hang, verifyingAnswer } from "./app.ts";
import { createProject, onlyDelivery, recordsOf } from "./project.ts";
import { emitByControlApi, node, printVariables } from "./run-project.ts";

const bin = join(process.cwd(), "dist/cli.js");

describe("the command", () => {
  test("is told where the fake Kinde is, which is ready before it starts", async () => {
    using project = await createProject();
    const fetchJwks = `
      fetch(process.env.KINDE_ISSUER_URL + "/.well-known/jwks").then((response) => response.json()).then((jwks) => {
        console.log(JSON.stringify({ kid: jwks.keys.map(({ kid }) => kid), domain: process.env.KINDE_DOMAIN }));
      });`;
    const { code, stdout, stderr } = await project.run(["run", "--", ...node(fetchJwks)]);
    expect(code).toBe(0);
    const [, host] = /^kinde-devhook: fake Kinde at http:\/\/(localhost:\d+)\n$/.exec(stderr) ?? [];
    expect(JSON.parse(stdout)).toEqual({ kid: [signingKey.kid], domain: host });
  });

  test("gets its variables, in place of those there were, and keeps all others", async () => {
    using project = await createProject();
    const env = {
      KINDE_ISSUER_URL: "https://acme.kinde.com",
      KINDE_MANAGEMENT_CLIENT_SECRET: "real",
      KINDE_X: "y",
    };
    const { stdout } = await project.run(["run", "--", ...node(printVariables)], { env });
    const variables = JSON.parse(stdout) as Record<string, string>;
    const issuer = variables["KINDE_ISSUER_URL"];
    expect(issuer).toMatch(/^http:\/\/localhost:\d+$/);
    expect(variables).toMatchObject({ KINDE_DEVHOOK_URL: issuer, KINDE_X: "y" });
    expect(variables["KINDE_MANAGEMENT_CLIENT_SECRET"]).not.toBe("real");
  });

  test("gets a port that is free, whatever port the project's issuer has", async () => {
    using project = await createProject();
    project.write("package.json", JSON.stringify({ "kinde-devhook": { "issuer-port": project.issuerPort } }));
    const { stdout } = await project.run(["run", "--", ...node(printVariables)]);
    expect(stdout).not.toContain(`localhost:${project.issuerPort}`);
  });

  test.each(["--port", "--issuer-port"])("gets the port of %s", async (flag) => {
    using project = await createProject();
    const port = await findFreePort();
    const { stdout } = await project.run(["run", flag, String(port), "--", ...node(printVariables)]);
    expect(JSON.parse(stdout)).toMatchObject({ KINDE_DOMAIN: `localhost:${port}` });
  });

  test.each([
    ["behind --", ["--"]],
    ["without it", []],
  ])("gets its arguments as they were given, ours included, %s", async (_, separator) => {
    using project = await createProject();
    const args = ["", "a b", "$HOME", "*", "--json", "--help", "--", "-x"];
    const words = [process.execPath, "-p", "JSON.stringify(process.argv.slice(1))", "--", ...args];
    const { stdout } = await project.run(["run", ...separator, ...words]);
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test("reads what we are given on standard input", async () => {
    using project = await createProject();
    const { stdout } = await project.run(["run", "--", "cat"], { input: "from outside" });
    expect(stdout).toBe("from outside");
  });

  test("has stdout for itself: what is ours goes to stderr", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [500] });
    const request = JSON.stringify({ type: "user.created", to: app.url });
    const { stdout, stderr } = await project.run(["run", "--", ...node(emitByControlApi, request)]);
    expect(JSON.parse(stdout)).toMatchObject({ deliveries: [{ state: "failed" }] });
    expect(stderr).toMatch(/▸ user\.created .*\n.*◂ 500 {2}POST \/api\/webhook/);
  });

  test("is the only one to speak of what was delivered", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const request = JSON.stringify({ type: "user.created", to: app.url });
    const { stderr } = await project.run(["run", "--", ...node(emitByControlApi, request)]);
    expect(stderr.split("\n")).toEqual([expect.stringContaining("fake Kinde at"), ""]);
  });
});

describe("the exit code", () => {
  test.each([0, 1, 2, 7, 127, 255])("is the command's: %i", async (code) => {
    using project = await createProject();
    const result = await project.run(["run", "--json", "--", ...node(`process.exit(${code})`)]);
    expect(result.code).toBe(code);
    const reason = code === 0 ? "done" : "command_failed";
    expect(recordsOf(result, "exit")).toMatchObject([{ code, reason }]);
  });

  test.each([
    ["SIGKILL", 137],
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGABRT", 134],
  ])("of a command that %s ends is %i", async (signal, code) => {
    using project = await createProject();
    const kill = `process.kill(process.pid, ${JSON.stringify(signal)}); setTimeout(() => {}, 25_000)`;
    const result = await project.run(["run", "--json", "--", ...node(kill)]);
    expect(result.code).toBe(code);
    expect(recordsOf(result, "exit")).toMatchObject([{ code, reason: signal }]);
  });
});

describe("with --json", () => {
  test("stdout holds records alone, and the command's output goes to stderr", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const request = JSON.stringify({ type: "user.created" });
    const args = ["run", "--json", "--webhook", app.url, "--", ...node(emitByControlApi, request)];
    const result = await project.run(args);
    expect(result.stdout.trimEnd().split("\n")).toHaveLength(result.records.length);
    expect(result.records.map(({ record }) => record)).toEqual(["ready", "delivery", "exit"]);
    const [ready] = recordsOf(result, "ready");
    expect(ready?.localIssuer).toMatch(/^http:\/\/localhost:\d+$/);
    expect(ready?.webhooks).toMatchObject([{ endpoint: app.url }]);
    expect(onlyDelivery(result)).toMatchObject({ state: "delivered" });
    expect(JSON.parse(result.stderr)).toMatchObject({ deliveries: [{ state: "delivered" }] });
  });

  test("no secret of the mock's is in them", async () => {
    using project = await createProject();
    const result = await project.run(["run", "--json", "--", ...node(printVariables)]);
    const variables = JSON.parse(result.stderr) as Record<string, string>;
    for (const name of ["KINDE_MANAGEMENT_CLIENT_SECRET", "KINDE_DEVHOOK_TOKEN"]) {
      expect(result.stdout).not.toContain(variables[name]);
    }
  });
});

describe("emit inside of run", () => {
  test("is delivered by the mock around it, to its webhooks", async () => {
    using project = await createProject({ hasKey: false });
    const port = await findFreePort();
    await using app = await startReceiver({ answers: [verifyingAnswer(`http://localhost:${port}`)] });
    const emit = [process.execPath, bin, "emit", "user.created"];
    const result = await project.run(["run", "--port", `${port}`, "--webhook", app.url, "--", ...emit]);
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/◂ 200/) as string });
    expect(result.stderr).toContain(`→ ${app.url} (the mock of KINDE_DEVHOOK_URL)`);
    expect(app.requests).toHaveLength(1);
  });

  test("to other endpoints is signed by the mock around it, one event for all", async () => {
    using project = await createProject({ hasKey: false });
    const port = await findFreePort();
    const answers = [verifyingAnswer(`http://localhost:${port}`)];
    await using one = await startReceiver({ answers });
    await using other = await startReceiver({ answers });
    await using webhook = await startReceiver();
    const emit = ["emit", "user.created", "--to", one.url, "--to", `user.*=${other.url}`, "--to", "role.*=1"];
    const flags = ["--port", `${port}`, "--webhook", webhook.url];
    const result = await project.run(["run", ...flags, "--", process.execPath, bin, ...emit]);
    expect(result.code).toBe(0);
    expect(claimsOf(one.requests[0]!)).toEqual(claimsOf(other.requests[0]!));
    expect(webhook.requests).toHaveLength(0);
  });

  test("writes nothing into the project", async () => {
    using project = await createProject({ hasKey: false });
    await using app = await startReceiver();
    const emit = [process.execPath, bin, "emit", "user.created", "--to", app.url];
    expect(await project.run(["run", "--", ...emit])).toMatchObject({ code: 0 });
    expect(readdirSync(project.path)).toEqual([]);
  });

  test("is ERR_INVALID_OPTION with --print, where the mock's key is known to the mock alone", async () => {
    using project = await createProject({ hasKey: false });
    const print = [process.execPath, bin, "emit", "user.created", "--print", "token"];
    const result = await project.run(["run", "--", ...print]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain("ERR_INVALID_OPTION");
    expect(readdirSync(project.path)).toEqual([]);
  });
});

test("a delivery that is under way when the command ends has a moment, and is cut off then", async () => {
  using project = await createProject();
  await using app = await startReceiver({ answers: [hang] });
  const request = JSON.stringify({ type: "user.created", to: app.url });
  const words = node(`${emitByControlApi}; process.on("SIGTERM", () => process.exit(3))`, request);
  await using running = project.start(["run", "--json", "--", ...words]);
  await app.next();
  running.child.kill("SIGTERM");
  const result = await running.ended;
  expect(result.code).toBe(3);
  const delivery: Partial<Delivery> = onlyDelivery(result);
  expect(delivery).toMatchObject({ state: "failed", failedReason: "cancelled" });
});
