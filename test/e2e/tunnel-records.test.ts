/** What a script sees of `tunnel --json`: every record, its members and their types. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startLocaltunnelServer, requestPublic } from "../helpers/localtunnel-server.mjs";
import { startReceiver } from "../helpers/receiver.ts";
import { foreignKey } from "../helpers/keys.ts";
import { craftToken, rs256Header } from "../kinde/craft-token.ts";
import { reply } from "./app.ts";
import { onlyDelivery, recordsOf } from "./project.ts";
import { createTunnelProject } from "./tunnel-project.ts";

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

test("`ready` says where Kinde and the app find what they need", async () => {
  await using project = await createTunnelProject();
  await using tunnel = await project.open(["3999", "user.*=4999/users", "--issuer", project.kinde.issuer]);
  expect(tunnel.ready).toEqual({
    record: "ready",
    at: isoTime,
    publicUrl: expect.stringMatching(
      new RegExp(`^http://devhook-[a-z2-9]{12}\\.localhost:${project.server.port}$`),
    ),
    intake: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    probed: true,
    issuer: project.kinde.issuer,
    localIssuer: project.issuer,
    jwksUrl: `${project.issuer}/.well-known/jwks`,
    caFile: join(project.directory, "tls", "ca.pem"),
    inspector: expect.stringMatching(new RegExp(`^${project.issuer}/_devhook/#t=[\\w-]{43}$`)),
    forward: ["http://localhost:3999", "user.*=http://localhost:4999/users"],
  });
});

test("every line of stdout is a record with its name and time, and the last is `exit`", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
  await requestPublic(tunnel.url);
  const result = await tunnel.stop();
  const lines = result.stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(result.records);
  expect(result.records.map(({ record }) => record)).toEqual([
    "ready",
    "delivery",
    "refused",
    "kinde",
    "exit",
  ]);
  for (const { at } of result.records) expect(at).toEqual(isoTime);
  expect(result.records.at(-1)).toEqual({ record: "exit", at: isoTime, code: 130, reason: "SIGINT" });
});

test("`delivery` has every member of a delivery and its attempts, and no token", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [reply(200, "x".repeat(2000), { "x-app": "mine" })] });
  await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
  const token = project.kinde.signWebhook("user.created");
  await project.kinde.deliver(tunnel.url, token, {
    webhookId: "0123456789abcdef0123456789abcdef",
    headers: { authorization: "Bearer secret", cookie: "session=secret" },
  });
  const result = await tunnel.stop();
  expect(onlyDelivery(result)).toEqual({
    record: "delivery",
    at: isoTime,
    id: expect.stringMatching(/^dlv_[\da-f]{32}$/),
    direction: "relayed",
    webhookId: "0123456789abcdef0123456789abcdef",
    endpoint: `http://localhost:${app.port}/api/webhook`,
    event: {
      type: "user.created",
      id: expect.stringMatching(/^event_[\da-f]{32}$/),
      source: "api",
      timestamp: isoTime,
    },
    verification: { status: "verified", kid: project.kinde.kid, issuer: project.kinde.issuer },
    state: "delivered",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: isoTime,
    attempts: [
      {
        number: 1,
        startedAt: isoTime,
        durationMs: expect.any(Number),
        plannedDelayMs: 0,
        status: 200,
        error: null,
        request: {
          method: "POST",
          url: `http://localhost:${app.port}/api/webhook`,
          headers: expect.objectContaining({ "content-type": "application/jwt" }),
        },
        response: {
          headers: expect.objectContaining({ "x-app": "mine" }),
          body: "x".repeat(1024),
          truncated: true,
        },
      },
    ],
  });
  expect(result.stdout).not.toContain("secret");
  expect(result.stdout + result.stderr).not.toContain(token.split(".")[2]);
});

test("`delivery` has the token with --json-token, and a hint where one is known", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver({ answers: [500] });
  await using tunnel = await project.open([
    String(app.port),
    "--issuer",
    project.kinde.issuer,
    "--json-token",
  ]);
  const token = project.kinde.signWebhook("user.created");
  await project.kinde.deliver(tunnel.url, token);
  expect(onlyDelivery(await tunnel.stop())).toMatchObject({
    token,
    state: "pending",
    hint: expect.stringContaining("your app's own output"),
  });
});

test("`skipped` names what was left out, and its sender gets 200", async () => {
  await using project = await createTunnelProject();
  await using app = await startReceiver();
  await using tunnel = await project.open([
    `user.*=${app.port}`,
    "--issuer",
    project.kinde.issuer,
    "--event-types",
    "user.created,organization.*",
  ]);
  const statuses: number[] = [];
  for (const type of ["user.deleted", "organization.created", "user.created"]) {
    const token = project.kinde.signWebhook(type);
    statuses.push((await project.kinde.deliver(tunnel.url, token, { webhookId: type })).status);
  }
  expect(statuses).toEqual([200, 200, 200]);
  const result = await tunnel.stop();
  expect(recordsOf(result, "skipped")).toEqual([
    {
      record: "skipped",
      at: isoTime,
      webhookId: "user.deleted",
      event: { type: "user.deleted" },
      reason: expect.stringContaining("--event-types"),
    },
    {
      record: "skipped",
      at: isoTime,
      webhookId: "organization.created",
      event: { type: "organization.created" },
      reason: expect.stringContaining("--forward"),
    },
  ]);
  expect(app.requests).toHaveLength(1);
  expect(onlyDelivery(result).event?.type).toBe("user.created");
});

test("`refused` says who was not let in and why; the sender is told a status alone, the app nothing", async () => {
  await using project = await createTunnelProject();
  const { kinde } = project;
  await using app = await startReceiver();
  await using tunnel = await project.open([String(app.port), "--issuer", kinde.issuer]);
  const old = new Date(Date.now() - 73 * 60 * 60 * 1000).toISOString();
  const bodies: [body: string, status: number, code: string][] = [
    [
      craftToken({ key: foreignKey.privateKey, header: { ...rs256Header, kid: "00:01" } }),
      401,
      "ERR_UNKNOWN_KID",
    ],
    [kinde.signWebhook("user.created").replace(/.{8}$/, "AAAAAAAA"), 401, "ERR_BAD_SIGNATURE"],
    [kinde.accessToken(), 401, "ERR_ACCESS_TOKEN"],
    [kinde.idToken(), 401, "ERR_ACCESS_TOKEN"],
    [kinde.m2mToken({ type: "user.created", data: {} }), 401, "ERR_ACCESS_TOKEN"],
    [kinde.signWebhook("user.created", { timestamp: old }), 401, "ERR_EVENT_TOO_OLD"],
    ["hello", 401, "ERR_NOT_A_JWT"],
    ["x".repeat((1 << 20) + 1), 413, "ERR_BODY_TOO_LARGE"],
  ];
  const answers = [await requestPublic(tunnel.url, { method: "GET" })];
  for (const [body] of bodies) answers.push(await kinde.deliver(tunnel.url, body));
  expect(answers.map(({ status, body }) => [status, body])).toEqual(
    [404, ...bodies.map(([, status]) => status)].map((status) => [status, ""]),
  );
  const result = await tunnel.stop();
  const refused = recordsOf(result, "refused");
  expect(refused[0]).toEqual({
    record: "refused",
    at: isoTime,
    code: "ERR_NOT_A_WEBHOOK_REQUEST",
    reason: expect.any(String),
    method: "GET",
    path: "/api/webhook",
    status: 404,
  });
  expect(refused.slice(1).map(({ status, code }) => [status, code])).toEqual(
    bodies.map(([, status, code]) => [status, code]),
  );
  expect(recordsOf(result, "delivery")).toEqual([]);
  expect(app.requests).toEqual([]);
});

describe("a tunnel whose server is killed and comes back", () => {
  test("tells `down`, `reconnecting` and `up` with times, and is there again under the same URL", async () => {
    await using project = await createTunnelProject();
    await using app = await startReceiver();
    await using tunnel = await project.open([String(app.port), "--issuer", project.kinde.issuer]);
    await project.server.kill("SIGKILL");
    await tunnel.line(/"record":"tunnel".*"state":"reconnecting"/);
    await using _server = await startLocaltunnelServer({ port: project.server.port });
    await tunnel.line(/"record":"tunnel".*"state":"up"/);
    const { status } = await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    expect(status).toBe(200);

    const result = await tunnel.stop();
    const changes = recordsOf(result, "tunnel");
    const [down, ...rest] = changes;
    const up = rest.pop();
    const shape = {
      record: "tunnel",
      at: isoTime,
      url: tunnel.ready.publicUrl,
      cause: "tunnel service",
      reason: expect.any(String),
      startedAt: isoTime,
      endedAt: null,
      downMs: expect.any(Number),
    };
    expect(down).toEqual({ ...shape, state: "down" });
    expect(new Set(rest.map(({ state }) => state))).toEqual(new Set(["reconnecting"]));
    expect(up).toEqual({ ...shape, state: "up", endedAt: isoTime, probed: true });
    expect(Date.parse(up!.endedAt!) - Date.parse(up!.startedAt)).toBe(up!.downMs);
    expect(up!.startedAt).toBe(down!.startedAt);
    const times = changes.map(({ downMs }) => downMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(recordsOf(result, "ready")).toHaveLength(1);
    expect(onlyDelivery(result).state).toBe("delivered");
  });
});
