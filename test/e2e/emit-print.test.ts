import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import { isCi } from "../helpers/ci.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { claimsOf, verifyingAnswer } from "./app.ts";
import { createProject } from "./project.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test("--print token prints a token that verifies, and nothing else", async () => {
  using project = await createProject();
  const { code, stdout, stderr } = await project.run(["emit", "user.created", "--print", "token"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const keys = createLocalJwks(project.issuer, { keys: [signingKey.publicJwk] });
  expect(await verifyToken(stdout.trim(), keys)).toMatchObject({
    status: "verified",
    event: { type: "user.created" },
  });
});

test("--print claims prints JSON with the user's own values", async () => {
  using project = await createProject();
  const { stdout } = await project.run([
    "emit",
    "user.created",
    "--print",
    "claims",
    "--set",
    "user.email=x",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ type: "user.created", data: { user: { email: "x" } } });
});

test("--print delivers nothing, serves nothing and remembers nothing", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  // A stranger has the issuer's port: whoever tried to serve there would fail.
  await using stranger = await startReceiver({ port: project.issuerPort });
  for (const form of ["token", "claims", "curl", "http"]) {
    const { code } = await project.run(["emit", "user.created", "--to", app.url, "--print", form]);
    expect(code).toBe(0);
  }
  expect([...app.requests, ...stranger.requests]).toEqual([]);
  expect(
    ["run", "history", "state.json"].filter((name) => existsSync(join(project.directory, name))),
  ).toEqual([]);
});

test("--print prints once for each event and endpoint, with ids of their own", async () => {
  using project = await createProject();
  const { stdout } = await project.run([
    "emit",
    "user.created",
    "role.created",
    "--count",
    "3",
    "--print",
    "token",
  ]);
  const tokens = stdout.trim().split("\n");
  const ids = tokens.map((token) => claimsOf({ body: Buffer.from(token) }).event_id);
  expect(new Set(ids)).toHaveLength(6);
});

test.skipIf(!hasCurl && !isCi)(
  "--print curl prints a line that a shell runs, and the app verifies while a mock runs",
  async () => {
    using project = await createProject();
    await using app = await startReceiver({ answers: [verifyingAnswer(project.issuer)] });
    await using mock = project.start(["mock"]);
    await mock.line(/^ready/);
    const to = `http://127.0.0.1:${app.port}/it's/a path?q=$HOME&x=\`1\``;
    const { stdout } = await project.run([
      "emit",
      "user.created",
      "--print",
      "curl",
      "--to",
      to,
      "--webhook-id",
      "it's",
    ]);
    const shell = spawn("sh", ["-c", stdout], { stdio: ["ignore", "pipe", "ignore"] });
    const [answer] = await Promise.all([text(shell.stdout), once(shell, "close")]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(app.requests[0]).toMatchObject({
      method: "POST",
      url: new URL(to).pathname + new URL(to).search,
      headers: { "content-type": "application/jwt", "webhook-id": "it's" },
    });
  },
);

test("--print http prints a request that a socket can send as it is", async () => {
  using project = await createProject();
  await using app = await startReceiver();
  const { stdout } = await project.run(["emit", "user.created", "--print", "http", "--to", `${app.url}?a=1`]);
  const socket = createConnection(app.port, "127.0.0.1");
  socket.end(stdout);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  const { method, url, headers, body } = app.requests[0]!;
  expect({ method, url, host: headers.host }).toEqual({
    method: "POST",
    url: "/api/webhook?a=1",
    host: `127.0.0.1:${app.port}`,
  });
  expect(body.toString()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test("--print refuses --json beside it", async () => {
  using project = await createProject();
  const { code, stderr } = await project.run(["emit", "user.created", "--print", "claims", "--json"]);
  expect(code).toBe(2);
  expect(stderr).toContain("ERR_INVALID_OPTION");
});

test("--print token and claims need no endpoint that wants the event, curl does", async () => {
  using project = await createProject();
  const args = ["emit", "user.created", "--to", "role.*=3000", "--print"];
  for (const form of ["token", "claims"]) {
    const { code, stdout } = await project.run([...args, form]);
    expect(code).toBe(0);
    expect(stdout).not.toBe("");
  }
  const { code, stdout, stderr } = await project.run([...args, "curl"]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("no endpoint wants them: user.created.");
});
