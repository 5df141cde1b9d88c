/** Where the tunnel forwards to, and what it changes on the way. */
import { describe, expect, test } from "vitest";
import { requestPublic } from "../helpers/localtunnel-server.mjs";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hang } from "./app.ts";
import { onlyDelivery, recordsOf } from "./project.ts";
import { startSelfSignedApp } from "./self-signed-app.ts";
import { createTunnelProject } from "./tunnel-project.ts";

test.each([
  ["a port alone keeps the path that Kinde calls", (port: number) => `${port}`, "/called/here?x=1"],
  ["a path takes its place", (port: number) => `${port}/hooks`, "/hooks?x=1"],
  ["a URL is taken as written", (port: number) => `http://127.0.0.1:${port}/hooks?y=2`, "/hooks?y=2"],
])("%s", async (_fact, forward, url) => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([forward(app.port), "--issuer", project.kinde.issuer]);
  const { origin } = new URL(tunnel.url);
  await project.kinde.deliver(`${origin}/called/here?x=1`, project.kinde.signWebhook("user.created"));
  expect((await app.next()).url).toBe(url);
});

test("every forward whose pattern matches gets the event; the first of them decides the answer", async () => {
  await using project = await createTunnelProject();
  await using users = await startReceiver({ answers: [202] });
  await using roles = await startReceiver({ answers: [201] });
  await using all = await startReceiver({ answers: [500] });
  await using tunnel = await project.open([
    `user.*=${users.port}/users`,
    "-f",
    `role.created,role.updated=${roles.port}`,
    "--forward",
    `${all.port}/audit`,
    "--issuer",
    project.kinde.issuer,
  ]);
  const send = async (type: string): Promise<number> =>
    (await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type))).status;
  expect(await send("user.created")).toBe(202);
  expect(await send("role.updated")).toBe(201);
  expect(await send("role.deleted")).toBe(500);
  for (let copy = 1; copy <= 3; copy++) await all.next();

  const result = await tunnel.stop();
  expect(users.requests.map(({ url }) => url)).toEqual(["/users"]);
  expect(roles.requests.map(({ url }) => url)).toEqual(["/api/webhook"]);
  expect(all.requests.map(({ url }) => url)).toEqual(["/audit", "/audit", "/audit"]);
  const delivered = recordsOf(result, "delivery").map(({ event, endpoint }) => `${event?.type} ${endpoint}`);
  expect(delivered.toSorted()).toEqual(
    [
      `role.deleted http://localhost:${all.port}/audit`,
      `role.updated http://localhost:${all.port}/audit`,
      `role.updated http://localhost:${roles.port}/api/webhook`,
      `user.created http://localhost:${all.port}/audit`,
      `user.created http://localhost:${users.port}/users`,
    ].toSorted(),
  );
});

test("a copy that hangs does not hold up the answer", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using slow = await startReceiver({ answers: [hang] });
  const args = [`${app.port}`, "-f", `${slow.port}`, "--issuer", project.kinde.issuer, "--timeout", "20s"];
  await using tunnel = await project.open(args);
  const token = project.kinde.signWebhook("user.created");
  expect((await project.kinde.deliver(tunnel.url, token)).status).toBe(200);
  await slow.next();
});

test("-H adds a header for the app, in the place of one that came", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  const args = [`${app.port}`, "-H", "X-Env: dev", "--header", "X-Taken:  mine", "-H", "X-Empty:"];
  await using tunnel = await project.open([...args, "--issuer", project.kinde.issuer]);
  const headers = { "x-taken": "theirs", "x-kept": "theirs" };
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"), { headers });
  const received = await app.next();
  expect(received.headers).toMatchObject({
    "x-env": "dev",
    "x-taken": "mine",
    "x-empty": "",
    "x-kept": "theirs",
  });
});

test("an app that does not answer within --timeout is 504", async () => {
  await using project = await createTunnelProject();
  await using slow = await startReceiver({ answers: [hang] });
  const args = [`${slow.port}`, "--issuer", project.kinde.issuer, "--timeout", "200ms"];
  await using tunnel = await project.open(args);
  const answer = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  expect(answer).toMatchObject({ status: 504, body: "" });
  const { state, attempts } = onlyDelivery(await tunnel.stop());
  expect([state, attempts[0]!.error!.code]).toEqual(["pending", "ERR_TIMEOUT"]);
});

test("an app that does not run is 502, one that hangs up 502", async () => {
  await using project = await createTunnelProject();
  await using rude = await startReceiver({ answers: [(response) => void response.destroy()] });
  const down = await findFreePort();
  await using tunnel = await project.open([
    `user.updated=${down}`,
    `user.deleted=${rude.port}`,
    "--issuer",
    project.kinde.issuer,
    "--hold",
    "0",
  ]);
  const answers = [];
  for (const type of ["user.updated", "user.deleted"]) {
    answers.push(await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type)));
  }
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [502, ""],
    [502, ""],
  ]);
  expect(
    recordsOf(await tunnel.stop(), "delivery").map(({ state, attempts }) => [
      state,
      attempts[0]!.error!.code,
    ]),
  ).toEqual([
    ["pending", "ERR_CONNECTION_REFUSED"],
    ["pending", "ERR_CONNECTION_CLOSED"],
  ]);
});

describe("an app on https with a certificate of its own", () => {
  test.each([
    ["is reached with --insecure", ["--insecure"], 200, 1, undefined],
    ["is not trusted without it", [], 502, 0, "ERR_TLS"],
  ])("%s", async (_fact, flags, status, count, code) => {
    await using project = await createTunnelProject();
    await using app = await startSelfSignedApp();
    await using tunnel = await project.open([app.origin, ...flags, "--issuer", project.kinde.issuer]);
    const answer = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect([answer.status, app.count()]).toEqual([status, count]);
    expect(onlyDelivery(await tunnel.stop()).attempts[0]!.error?.code).toBe(code);
  });
});

describe("--public-url with --intake-port", () => {
  test("serves a tunnel of the user's own: what comes to the port is let in or refused as ever", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    const intake = `http://localhost:${await findFreePort()}`;
    const args = [`${app.port}`, "--public-url", intake, "--intake-port", new URL(intake).port];
    await using tunnel = await project.open([...args, "--issuer", project.kinde.issuer]);
    expect(tunnel.ready).toMatchObject({ publicUrl: intake, intake, probed: true });
    const { kinde } = project;
    const statuses = [
      await kinde.deliver(tunnel.url, kinde.signWebhook("user.created")),
      await kinde.deliver(tunnel.url, kinde.accessToken()),
      await requestPublic(tunnel.url),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 401, 404]);
  });

  test("is ready, and says so, when this machine can't reach the URL itself", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    const [away, port] = [await findFreePort(), await findFreePort()];
    const args = ["--public-url", `http://localhost:${away}`, "--intake-port", String(port)];
    await using tunnel = await project.open([`${app.port}`, ...args, "--issuer", project.kinde.issuer]);
    expect(tunnel.ready).toMatchObject({ publicUrl: `http://localhost:${away}`, probed: false });
    const intake = `http://localhost:${port}/api/webhook`;
    expect((await project.kinde.deliver(intake, project.kinde.signWebhook("user.created"))).status).toBe(200);
    const [warning, ...others] = recordsOf(await tunnel.stop(), "warning");
    expect(warning?.code).toBe("WARN_PROBE_BLOCKED");
    expect(others).toEqual([]);
  });

  test("is given up when somebody else answers at the URL: exit 3, ERR_PROBE_FAILED", async () => {
    await using project = await createTunnelProject();
    await using stranger = await startReceiver();
    const args = ["--public-url", `http://localhost:${stranger.port}`, "--intake-port"];
    const result = await project.run(["tunnel", ...args, String(await findFreePort()), "--json"]);
    expect(result.code).toBe(3);
    expect(result.records.at(-1)).toMatchObject({ record: "exit", reason: "ERR_PROBE_FAILED" });
    expect(result.stderr).toMatch(/^error Failed to open the tunnel: .*something else answers/m);
  });
});

describe("a gate that is opened wider", () => {
  test("--allow-old lets in what is older than 72 h, and warns", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    const args = [`${app.port}`, "--allow-old", "--issuer", project.kinde.issuer];
    await using tunnel = await project.open(args);
    const token = project.kinde.signWebhook("user.created", { timestamp: "2020-01-02T03:04:05.000Z" });
    expect((await project.kinde.deliver(tunnel.url, token)).status).toBe(200);
    expect((await project.kinde.deliver(tunnel.url, project.kinde.accessToken())).status).toBe(401);
    const result = await tunnel.stop();
    expect(recordsOf(result, "warning").map(({ code }) => code)).toEqual(["WARN_OLD_ALLOWED"]);
    expect(app.requests).toHaveLength(1);
  });

  test("--allow-unverified lets in all that is POSTed, marks it so, and warns", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    const args = [`${app.port}`, "--allow-unverified", "--issuer", project.kinde.issuer];
    await using tunnel = await project.open(args);
    expect((await project.kinde.deliver(tunnel.url, project.kinde.accessToken())).status).toBe(200);
    expect((await project.kinde.deliver(tunnel.url, "hello")).status).toBe(200);
    expect((await requestPublic(tunnel.url)).status).toBe(404);
    const result = await tunnel.stop();
    expect(recordsOf(result, "warning").map(({ code }) => code)).toEqual(["WARN_UNVERIFIED"]);
    expect(recordsOf(result, "delivery").map(({ event, verification }) => [event, verification])).toEqual([
      [null, { status: "unverified", reason: "ERR_ACCESS_TOKEN" }],
      [null, { status: "unverified", reason: "ERR_NOT_A_JWT" }],
    ]);
    expect(app.requests.map(({ body }) => body.toString()).at(-1)).toBe("hello");
  });
});
