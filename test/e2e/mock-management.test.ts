/** The Management API and the tokens of `mock`, as the built command line serves them to other processes. */
import { describe, expect, test } from "vitest";
import type { OutputRecord } from "../../src/cli/output/records.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, errorCode, type Answered } from "../issuer/ask.ts";
import { callManagement, fetchToken, order } from "../issuer/routes/management-mock.ts";
import { claimsOf } from "./app.ts";
import { createProject, recordsOf, type TestProject } from "./project.ts";

describe("a webhook that is registered over HTTP", () => {
  test("is announced, so that what another process emits goes there, until it is deleted", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    await using mock = project.start(["mock"]);
    await mock.line(/^Emit from another terminal/);
    expect(project.readRunFile()?.webhooks).toEqual([]);

    const id = await register(project, { endpoint: app.url, event_types: ["user.created"] });
    expect(project.readRunFile()).toMatchObject({ pid: mock.child.pid, webhooks: [app.url] });
    const emitted = await project.run(["emit", "user.created", "--json"]);
    expect(emitted.code).toBe(0);
    expect(app.requests.map((request) => claimsOf(request).type)).toEqual(["user.created"]);

    const { event } = recordsOf(emitted, "delivery")[0]!;
    expect((await call(project, "GET", `/events/${event?.id}`)).json).toMatchObject({
      event: { event_id: event?.id, type: "user.created" },
    });

    await call(project, "PATCH", `/webhooks/${id}`, { event_types: ["role.created"] });
    await project.run(["emit", "user.created", "role.created", "--concurrency", "1"]);
    expect(app.requests.map((request) => claimsOf(request).type)).toEqual(["user.created", "role.created"]);

    await call(project, "DELETE", `/webhooks/${id}`);
    expect(project.readRunFile()?.webhooks).toEqual([]);
  });

  test("is told to people, and so are its change and its end", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"]);
    await mock.line(/^Emit from another terminal/);
    const id = await register(project);
    await call(project, "PATCH", `/webhooks/${id}`, { event_types: ["user.deleted"] });
    await call(project, "DELETE", `/webhook/${id}`);
    await mock.line(/^webhook removed/);
    mock.child.kill("SIGINT");
    expect((await mock.ended).stderr.trimEnd().split("\n")).toEqual([
      `webhook registered  ${order.endpoint}  user.created, role.created`,
      `webhook changed  ${order.endpoint}  user.deleted`,
      `webhook removed  ${order.endpoint}`,
    ]);
  });

  test("leaves stdout to the records with --json", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--json"]);
    await mock.line(/"ready"/);
    await call(project, "DELETE", `/webhooks/${await register(project)}`);
    await mock.line(/^webhook removed/);
    mock.child.kill("SIGINT");
    const { stdout, stderr } = await mock.ended;
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as OutputRecord).record)).toEqual(["ready", "exit"]);
    expect(stderr).toMatch(/^webhook registered[^\n]*\nwebhook removed[^\n]*\n/);
  });

  test("is found in the next mock's past: its events outlive the mock", async () => {
    using project = await createProject();
    await using app = await startReceiver();
    const emitted = await emitThroughMockThatEnds(project, app.url);
    await using again = project.start(["mock"]);
    await again.line(/^ready/);
    expect(await call(project, "GET", `/events/${emitted}`)).toMatchObject({
      status: 200,
      json: { event: { event_id: emitted } },
    });
    expect((await call(project, "GET", "/webhooks")).json).toMatchObject({ webhooks: [] });
  });

  test("keeps no token and no secret in what the mock prints or writes", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--client", "my-app:my-secret"]);
    await mock.line(/^Emit from another terminal/);
    const token = await fetchToken(project.issuerPort);
    await callManagement(project.issuerPort, "POST", "/webhooks", { body: order, token });
    await mock.line(/^webhook registered/);
    mock.child.kill("SIGINT");
    const { stdout, stderr } = await mock.ended;
    for (const secret of ["my-secret", token]) expect(stdout + stderr).not.toContain(secret);
  });
});

describe("--client", () => {
  test("gives tokens to this application alone", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--client", "other-app:its:secret"]);
    await mock.line(/^ready/);
    expect(await askForToken(project, "other-app", "its:secret")).toMatchObject({ status: 200 });
    for (const [id, secret] of [
      ["my-app", "my-secret"],
      ["other-app", "its"],
      ["other-app:its", "secret"],
    ] as const) {
      expect(await askForToken(project, id, secret)).toMatchObject({
        status: 401,
        json: { error: "invalid_client" },
      });
    }
  });

  test("is taken from the environment", async () => {
    using project = await createProject();
    await using mock = project.start(["mock"], { env: { KINDE_DEVHOOK_CLIENT: "my-app:from-env" } });
    await mock.line(/^ready/);
    expect((await askForToken(project, "my-app", "from-env")).status).toBe(200);
    expect((await askForToken(project, "my-app", "another")).status).toBe(401);
  });

  test.each(["s3cretvalue", ":s3cretvalue", "my-app:", "my app:s3cretvalue", "my-app:s3cret value", ""])(
    "%j is none: ERR_INVALID_OPTION, and the secret is not repeated",
    async (client) => {
      using project = await createProject();
      const { code, stdout, stderr } = await project.run(["mock", "--client", client]);
      expect(code).toBe(2);
      expect(stderr).toContain("ERR_INVALID_OPTION");
      expect(stderr).toContain("--client");
      expect(stdout + stderr).not.toContain("s3cret");
    },
  );
});

test("--strict refuses an http endpoint", async () => {
  using project = await createProject();
  await using mock = project.start(["mock", "--strict"]);
  await mock.line(/^ready/);
  const refused = await call(project, "POST", "/webhooks", order);
  expect([refused.status, errorCode(refused)]).toEqual([400, "ENDPOINT_INVALID"]);
  expect(project.readRunFile()?.webhooks).toEqual([]);
});

describe("--max-webhooks", () => {
  test("refuses a command line that names more itself: ERR_INVALID_OPTION", async () => {
    using project = await createProject();
    const { code, stderr } = await project.run([
      "mock",
      "--max-webhooks=1",
      "--webhook=http://localhost:3000/a",
      "--webhook=http://localhost:3000/b",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("ERR_INVALID_OPTION");
    expect(stderr).toMatch(/--webhook.*1 at most.*got 2/);
  });

  test("1 leaves one slot, which is free again once its webhook is deleted", async () => {
    using project = await createProject();
    await using mock = project.start(["mock", "--max-webhooks", "1"]);
    await mock.line(/^ready/);
    const id = await register(project);
    const refused = await call(project, "POST", "/webhooks", order);
    expect([refused.status, errorCode(refused)]).toEqual([400, "WEBHOOK_LIMIT_REACHED"]);
    await call(project, "DELETE", `/webhooks/${id}`);
    expect((await call(project, "POST", "/webhooks", order)).status).toBe(200);
  });

  test.each(["-1", "one", "1.5", "10001"])("%s is no number of webhooks", async (count) => {
    using project = await createProject();
    const { code, stderr } = await project.run(["mock", `--max-webhooks=${count}`]);
    expect(code).toBe(2);
    expect(stderr).toContain("ERR_INVALID_OPTION");
    expect(stderr).toContain("--max-webhooks");
  });
});

async function call(project: TestProject, method: string, path: string, body?: object): Promise<Answered> {
  return await callManagement(project.issuerPort, method, path, { body });
}

async function register(project: TestProject, change: object = {}): Promise<string> {
  const { json } = await call(project, "POST", "/webhooks", { ...order, ...change });
  return (json as { readonly webhook: { readonly id: string } }).webhook.id;
}

async function askForToken({ issuerPort }: TestProject, id: string, secret: string): Promise<Answered> {
  const form = { grant_type: "client_credentials", client_id: id, client_secret: secret };
  return await ask(issuerPort, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
}

/** @returns the id of the event that it emitted */
async function emitThroughMockThatEnds(project: TestProject, endpoint: string): Promise<string | undefined> {
  await using mock = project.start(["mock"]);
  await mock.line(/^Emit from another terminal/);
  await register(project, { endpoint });
  const emitted = await project.run(["emit", "user.created", "--json"]);
  mock.child.kill("SIGINT");
  await mock.ended;
  return recordsOf(emitted, "delivery")[0]?.event?.id;
}
