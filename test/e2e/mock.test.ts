import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf, hang, verifyingAnswer } from "./app.ts";
import { createProject, onlyDelivery, recordsOf } from "./project.ts";

const bin = join(process.cwd(), "dist/cli.js");

describe("a mock that is ready", () => {
  test("says where its issuer and its webhooks are", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--webhook", "http://localhost:3000/api/webhook"]);
    await mock.line(/^Emit from another terminal/);
    mock.child.kill("SIGINT");
    const { stdout } = await mock.ended;
    expect(stdout).toMatch(/^ready/);
    expect(stdout).toMatch(new RegExp(`KINDE_ISSUER_URL=${project.issuer}\\s`));
    expect(stdout).toContain(`JWKS ${project.issuer}/.well-known/jwks`);
    expect(stdout).toContain("webhook http://localhost:3000/api/webhook");
  });

  test("prints one ready record with --json", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--webhook", "http://localhost:3000/a=role.*", "--json"]);
    expect(JSON.parse(await mock.line(/"ready"/))).toEqual({
      record: "ready",
      at: expect.any(String),
      publicUrl: null,
      intake: null,
      probed: false,
      issuer: null,
      localIssuer: project.issuer,
      jwksUrl: `${project.issuer}/.well-known/jwks`,
      caFile: join(project.directory, "tls", "ca.pem"),
      inspector: expect.stringMatching(new RegExp(`^${project.issuer}/_devhook/#t=[\\w-]{43}$`)),
      forward: [],
      webhooks: [
        {
          id: expect.stringMatching(/^webhook_/),
          endpoint: "http://localhost:3000/a",
          eventTypes: ["role.created", "role.deleted", "role.updated"],
        },
      ],
    });
  });

  test("delivers what another process emits to the webhooks that want it, and both show it", async () => {
    using project = await createProject();
    const answers = [verifyingAnswer(project.issuer)];
    await using users = await startReceiver({ answers });
    await using all = await startReceiver({ answers });
    await using mock = project.start([
      "mock",
      "--webhook",
      `${users.url}=user.*`,
      "--webhook",
      all.url,
      "--json",
    ]);
    await mock.line(/"ready"/);

    const toBoth = await project.run(["emit", "user.created", "--set", "user.email=x", "--json"]);
    const toOne = await project.run(["emit", "role.created", "--json"]);
    expect([toBoth.code, toOne.code]).toEqual([0, 0]);
    expect(users.requests.map((request) => claimsOf(request).type)).toEqual(["user.created"]);
    expect(all.requests.map((request) => claimsOf(request).type)).toEqual(["user.created", "role.created"]);
    expect(claimsOf(users.requests[0]!)).toEqual(claimsOf(all.requests[0]!));
    expect(claimsOf(users.requests[0]!)).toMatchObject({ data: { user: { email: "x" } } });
    expect(users.requests[0]!.headers["webhook-id"]).not.toBe(all.requests[0]!.headers["webhook-id"]);

    mock.child.kill("SIGINT");
    const idsOf = (result: Awaited<typeof mock.ended>): string[] =>
      recordsOf(result, "delivery").map(({ id }) => id);
    expect(new Set(idsOf(await mock.ended))).toEqual(new Set([...idsOf(toBoth), ...idsOf(toOne)]));
  });

  test("shows an event and its answer to people, here and there", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [404] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    const { code, stdout } = await project.run(["emit", "user.created"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/▸ user\.created .*\n.*◂ 404 {2}POST \/api\/webhook/);
    await mock.line(/▸ user\.created/);
    await mock.line(/◂ 404 {2}POST \/api\/webhook/);
  });

  test("takes several webhooks from the environment, separated by spaces", async () => {
    using project = await createProject();
    await using first = await startReceiver();
    await using second = await startReceiver();
    await using mock = project.start(["mock"], {
      env: { KINDE_DEVHOOK_WEBHOOK: `${first.url}=user.created,role.*  ${second.url}` },
    });
    await mock.line(/^ready/);
    await project.run(["emit", "role.created", "passkey.added", "--concurrency", "1"]);
    expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
  });

  test("starts though what is pending from before can't be read, and says so", async () => {
    using project = await createProject();
    mkdirSync(project.directory, { recursive: true });
    writeFileSync(join(project.directory, "pending"), "no directory");
    await using mock = project.start(["mock", "--json"]);
    await mock.line(/"ready"/);
    mock.child.kill("SIGINT");
    const result = await mock.ended;
    expect(recordsOf(result, "warning")).toMatchObject([
      { code: "WARN_HISTORY_NOT_WRITTEN", message: expect.stringContaining("waits for a later start") },
    ]);
    expect(result.code).toBe(130);
  });

  test("promises nothing of what is pending that it could not write", async () => {
    using project = await createProject();
    mkdirSync(project.directory, { recursive: true });
    writeFileSync(join(project.directory, "pending"), "no directory");
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = project.start(["mock", "--webhook", receiver.url]);
    await mock.line(/^Emit from another terminal/);
    await project.run(["emit", "user.created"]);
    mock.child.kill("SIGINT");
    const { stderr } = await mock.ended;
    expect(stderr).toContain("1 delivery still pending that could not be written");
  });

  test("leaves an equals sign in a query to the endpoint", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock", "--webhook", `${app.url}?key=user.created`]);
    await mock.line(/^ready/);
    await project.run(["emit", "role.created"]);
    expect(app.requests[0]!.url).toBe("/api/webhook?key=user.created");
  });
});

describe("the control API", () => {
  test("tells its health to anybody, and the rest to who has the run file's token", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    const { token, pid } = project.readRunFile()!;
    expect(pid).toBe(mock.child.pid);
    expect(statSync(join(project.directory, "run", `${project.issuerPort}.json`)).mode & 0o777).toBe(0o600);

    const health = await fetch(`${project.issuer}/_devhook/api/health`);
    expect(await health.json()).toMatchObject({ name: "kinde-devhook", pid, project: project.directory });
    const call = (path: string, headers: Record<string, string>, body?: object): Promise<Response> =>
      fetch(`${project.issuer}/_devhook/api/${path}`, {
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
        headers: { "content-type": "application/json", ...headers },
      });
    for (const authorization of ["", "Bearer wrong", `Basic ${token}`]) {
      const refused = await call("emit", { authorization }, { type: "user.created" });
      expect(refused.status).toBe(401);
    }
    expect(app.requests).toHaveLength(0);

    const authorization = `Bearer ${token}`;
    const emitted = await call(
      "emit",
      { authorization },
      { type: "user.created", set: { "user.email": "x" } },
    );
    const { deliveries } = (await emitted.json()) as { deliveries: Delivery[] };
    expect(deliveries).toMatchObject([{ state: "delivered", endpoint: app.url }]);
    const listed = await call("deliveries", { authorization });
    expect(await listed.json()).toMatchObject({ deliveries: [{ id: deliveries[0]!.id }] });
  });

  test("answers a mistake with its code, and an emit without webhooks with ERR_NO_WEBHOOK", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const emit = async (body: object): Promise<unknown> => {
      const response = await fetch(`${project.issuer}/_devhook/api/emit`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${project.readRunFile()!.token}`,
        },
      });
      return await response.json();
    };
    expect(await emit({ type: "user.crated" })).toMatchObject({
      errors: [{ code: "ERR_UNKNOWN_EVENT_TYPE" }],
    });
    expect(await emit({ type: "user.created" })).toMatchObject({ errors: [{ code: "ERR_NO_WEBHOOK" }] });
  });
});

describe("a mock that ends", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("on %s exits with %i, says nothing more and takes its run file away", async (signal, code) => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^Emit from another terminal/);
    expect(project.readRunFile()).toBeDefined();
    mock.child.kill(signal);
    const result = await mock.ended;
    expect(result).toMatchObject({ code, stderr: "" });
    expect(result.stdout).toMatch(/Emit from another terminal[^\n]*\n$/);
    expect(project.readRunFile()).toBeUndefined();
  });

  test("prints an exit record with --json", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--json"]);
    await mock.line(/"ready"/);
    mock.child.kill("SIGTERM");
    const result = await mock.ended;
    expect(result.records.map(({ record }) => record)).toEqual(["ready", "exit"]);
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 143, reason: "SIGTERM" }]);
  });

  test("lets what is under way come to its end", async () => {
    using project = await createProject();
    let release = (): void => {};
    await using app = await startReceiver({
      answers: [(response) => void (release = () => response.end())],
    });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    const emit = project.run(["emit", "user.created", "--json"]);
    await app.next();
    mock.child.kill("SIGINT");
    release();
    expect(onlyDelivery(await emit).state).toBe("delivered");
    expect(await mock.ended).toMatchObject({ code: 130 });
  });

  test("by SIGKILL in the middle of an emit ends that with 3 and a summary of what came before", async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [200, hang] });
    await using mock = project.start(["mock", "--webhook", app.url]);
    await mock.line(/^ready/);
    const emit = project.run(["emit", "user.created", "--count", "100", "--concurrency", "1", "--json"]);
    while (app.requests.length < 2) await app.next();
    mock.child.kill("SIGKILL");
    const result = await emit;
    expect(result.code).toBe(3);
    expect(recordsOf(result, "summary")).toMatchObject([{ total: 1, delivered: 1 }]);
    expect(recordsOf(result, "exit")).toMatchObject([{ code: 3, reason: "ERR_MOCK_UNREACHABLE" }]);
  });

  test("by SIGKILL leaves nothing that a later command takes for a mock", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock", "--webhook", "http://localhost:3000/gone"]);
    await mock.line(/^ready/);
    mock.child.kill("SIGKILL");
    await mock.ended;
    expect(project.readRunFile()).toBeDefined();
    const { code, stderr } = await project.run(["emit", "user.created"], {
      env: { KINDE_DEVHOOK_FORWARD: app.url },
    });
    expect(code).toBe(0);
    expect(stderr).toContain("the forward setting");
    expect(project.readRunFile()).toBeUndefined();
  });
});

describe("a port that is taken", () => {
  test("by this project's mock ends a second one with 3 and names the pid", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const second = await project.run(["mock", "--json"]);
    expect(second.code).toBe(3);
    expect(recordsOf(second, "exit")).toMatchObject([{ code: 3, reason: "ERR_PORT_TAKEN" }]);
    expect(second.stderr).toContain(`pid ${mock.child.pid}`);
    expect(second.stderr).toContain("--issuer-port");
    expect(project.readRunFile()?.pid).toBe(mock.child.pid);
  });

  test.each([["mock"], ["emit", "user.created"]])(
    "by another project's mock ends `%s` with 2 and names it",
    async (...args) => {
      using mine = await createProject();
      using theirs = await createProject();
      await using mock = theirs.start(["mock"]);
      await mock.line(/^ready/);
      const result = await mine.run([...args, "--issuer-port", `${theirs.issuerPort}`]);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain("ERR_OTHER_PROJECT");
      expect(result.stderr).toContain(theirs.directory);
      expect(result.stderr).toContain(`pid ${mock.child.pid}`);
      expect(result.stderr).toContain("--issuer-port");
    },
  );

  test.each([["mock"], ["emit", "user.created"]])(
    "by a stranger ends `%s` with 3, and nothing is delivered",
    async (...args) => {
      using project = await createProject();
      await using app = await startReceiver();
      await using stranger = await startReceiver();
      const result = await project.run([...args, "--issuer-port", `${stranger.port}`], {
        env: { KINDE_DEVHOOK_TO: app.url },
      });
      expect(result.code).toBe(3);
      expect(result.stderr).toContain("ERR_PORT_TAKEN");
      expect(result.stderr).toContain("--issuer-port");
      expect(app.requests).toHaveLength(0);
    },
  );

  test.skipIf(!existsSync("/proc/net/tcp"))(
    "by a stranger names the pid where the system tells",
    async () => {
      using project = await createProject();
      await using stranger = await startReceiver();
      const { stderr } = await project.run(["mock", "--issuer-port", `${stranger.port}`]);
      expect(stderr).toContain(`pid ${process.pid}`);
    },
  );

  test.skipIf(!mayNotListenOn80())("by the system's rules ends with 3", async () => {
    using project = await createProject();
    chmodSync(project.path, 0o777);
    const { status, stderr } = runAsAnybody([bin, "mock", "--port", "80"], project.path);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error .*ERR_PORT_FORBIDDEN\)\n$/);
  });
});

/** Runs node as a user who is not root. */
function runAsAnybody(args: readonly string[], cwd: string): SpawnSyncReturns<string> {
  const nobody = 65_534;
  return spawnSync(process.execPath, args, {
    cwd,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", KINDE_DEVHOOK_HOME: "home" },
    encoding: "utf8",
    ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
  });
}

/** Many containers let everybody have every port; a few hide the checkout from other users. */
function mayNotListenOn80(): boolean {
  const script = `
    require("node:fs").readFileSync(process.argv[1]);
    require("node:net").createServer().on("error", ({ code }) => process.exit(code === "EACCES" ? 80 : 1))
      .listen(80, "127.0.0.1", () => process.exit(0));`;
  return runAsAnybody(["-e", script, bin], ".").status === 80;
}
