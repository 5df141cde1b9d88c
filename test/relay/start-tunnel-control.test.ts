/** What the control API and the inspector can have a tunnel do, and see of it. */
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import type { DeliveryDetail, Status } from "../../src/inspector/protocol.ts";
import { readRunFile, type RunRecord } from "../../src/project/run-file.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask, errorCode, type Answered } from "../issuer/ask.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { createFakeProvider, openTunnel } from "./test-tunnel.ts";
import type { StartTunnelOptions } from "../../src/app/start-tunnel-options.ts";

async function openWithControl(forward: string, options: Partial<StartTunnelOptions> = {}) {
  const project = createTemporaryProject();
  const issuerPort = await findFreePort();
  const history = createMemoryHistory();
  const tunnel = await openTunnel(project, forward, {
    issuerPort,
    history,
    inspector: { appIssuer: () => undefined },
    ...options,
  });
  const run = readRunFile(project, issuerPort) as RunRecord;
  const call = async (path: string, body?: object): Promise<Answered> =>
    await ask(issuerPort, `/_devhook/api${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${run.token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    tunnel,
    history,
    call,
    status: async () => (await call("/status")).json as Status,
    emit: async (body: object) => ((await call("/emit", body)).json as { deliveries: Delivery[] }).deliveries,
    [Symbol.asyncDispose]: async () => {
      await tunnel.close(0);
      project[Symbol.dispose]();
    },
  };
}

describe("an event that is emitted through a tunnel", () => {
  test("goes to where the tunnel forwards to, at the usual path where that is kept, and is told of", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl(`${app.port}`);
    const [delivery] = await opened.emit({
      type: "user.created",
      data: { user: { email: "ada@example.com" } },
    });
    expect(delivery).toMatchObject({
      direction: "emitted",
      state: "delivered",
      event: { type: "user.created" },
    });
    expect(app.requests.map(({ url }) => url)).toEqual(["/api/webhook"]);
    expect(opened.tunnel.told).toEqual(expect.arrayContaining(["emitted pending", "emitted delivered"]));
  });

  test("goes to each forward that wants its type, and to no other", async () => {
    await using users = await startReceiver();
    await using audit = await startReceiver();
    const forwards = [`user.*=${users.port}/users`, `role.*=${users.port}/roles`, `${audit.port}/audit`];
    await using opened = await openWithControl("1", {
      forwards: forwards.map((text) => parseForward(text, "--forward")),
    });
    expect(await opened.emit({ type: "user.created" })).toHaveLength(2);
    expect([users, audit].map(({ requests }) => requests.map(({ url }) => url))).toEqual([
      ["/users"],
      ["/audit"],
    ]);
  });

  test("that no forward wants leads to no delivery", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl("1", {
      forwards: [parseForward(`role.*=${app.port}`, "--forward")],
    });
    expect([await opened.emit({ type: "user.created" }), app.requests]).toEqual([[], []]);
  });

  test("is attempted once, whatever the app answers", async () => {
    await using app = await startReceiver({ answers: [500] });
    await using opened = await openWithControl(`${app.port}`);
    const [delivery] = await opened.emit({ type: "user.created" });
    expect(delivery).toMatchObject({
      state: "failed",
      failedReason: "not_delivered",
      attempts: [{ status: 500 }],
    });
  });

  test("goes elsewhere when it is told to", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl("1");
    const [delivery] = await opened.emit({ type: "user.created", to: `http://127.0.0.1:${app.port}/x` });
    expect([delivery?.state, app.requests[0]?.url]).toEqual(["delivered", "/x"]);
  });

  test("is cut off when the tunnel closes, and told so", async () => {
    await using app = await startReceiver({ answers: [() => {}] });
    await using opened = await openWithControl(`${app.port}`);
    const emitting = opened.emit({ type: "user.created" }).catch(() => "cut off");
    await app.next();
    await opened.tunnel.close(0);
    await emitting;
    expect(opened.tunnel.told).toContain("emitted failed");
  });
});

describe("a delivery that is replayed through a tunnel", () => {
  test("goes again as it was, with a new webhook-id, and is told of", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl(`${app.port}`);
    const [emitted] = await opened.emit({ type: "user.created" });
    await opened.history.append(emitted!);
    const { status, json } = await opened.call("/deliveries/last/replay", {});
    expect([status, json]).toMatchObject([
      200,
      { changes: [], delivery: { direction: "replayed", state: "delivered" } },
    ]);
    const [first, second] = app.requests;
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers["webhook-id"]).not.toBe(first?.headers["webhook-id"]);
    expect(opened.tunnel.told).toEqual(expect.arrayContaining(["replayed pending", "replayed delivered"]));
  });

  test("is refused when its token was not kept: 409 ERR_REDACTED", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl(`${app.port}`);
    const [emitted] = await opened.emit({ type: "user.created" });
    await opened.history.append({ ...emitted!, isRedacted: true, token: "", claims: {} });
    const answered = await opened.call("/deliveries/last/replay", {});
    expect([answered.status, errorCode(answered), app.requests.length]).toEqual([409, "ERR_REDACTED", 1]);
  });

  test("can be had by who holds the tunnel as well", async () => {
    await using app = await startReceiver();
    await using opened = await openWithControl(`${app.port}`);
    const [emitted] = await opened.emit({ type: "user.created" });
    expect(await opened.tunnel.replay(emitted!)).toMatchObject({
      delivery: { state: "delivered" },
      changes: [],
    });
  });
});

describe("how it is", () => {
  test("is told, and follows what becomes of it", async () => {
    await using app = await startReceiver();
    const provider = createFakeProvider();
    await using opened = await openWithControl(`${app.port}`, { provider });
    const before = await opened.status();
    expect(before).toMatchObject({
      command: "tunnel",
      pid: process.pid,
      tunnel: {
        publicUrl: opened.tunnel.publicUrl.origin,
        endpoint: `${opened.tunnel.publicUrl.origin}/api/webhook`,
        state: "up",
        reason: null,
      },
      apps: [{ origin: `http://localhost:${app.port}`, isListening: null }],
      endpoints: [`http://localhost:${app.port}/api/webhook`],
      shielded: null,
      webhooks: [],
      now: null,
    });
    opened.tunnel.watchApps();
    await opened.tunnel.post("not a token");
    await opened.emit({ type: "user.created" });
    while ((await opened.status()).apps[0]?.isListening !== true);
    provider.lose();
    await opened.tunnel.heard("down");
    expect(opened.tunnel.told).toContain("down");
    await opened.tunnel.heard("up");
    const after = await opened.status();
    expect(after.tunnel).toMatchObject({ state: "up", endpoint: before.tunnel!.endpoint });
    expect(after.tunnel!.since > before.tunnel!.since).toBe(true);
    expect(after.runId).toBe(before.runId);
  });

  test("what was not let in is told, and not what is no webhook request", async () => {
    await using opened = await openWithControl("1");
    await fetch(`${opened.tunnel.intake}/favicon.ico`);
    expect((await opened.status()).refused).toBe(null);
    await opened.tunnel.post("not a token");
    const [first, second] = [(await opened.status()).refused, await opened.tunnel.post("a.b.c")];
    expect(first).toMatchObject({ count: 1, code: "ERR_NOT_A_JWT" });
    expect(second?.status).toBe(401);
    expect((await opened.status()).refused).toMatchObject({
      count: 2,
      reason: expect.stringMatching(/^Failed/),
    });
  });

  test("an app that does not listen is told as that", async () => {
    await using opened = await openWithControl(`${await findFreePort()}`);
    opened.tunnel.watchApps();
    await opened.tunnel.heard("app down");
    expect((await opened.status()).apps).toMatchObject([{ isListening: false }]);
  });
});

test("a webhook that is no token is shown with what there is of it", async () => {
  await using app = await startReceiver();
  await using opened = await openWithControl(`${app.port}`, { isUnverifiedFine: true });
  await opened.tunnel.post("no token", "wh-1");
  const [kept] = opened.tunnel.kept;
  await opened.history.append(kept!);
  const detail = (await opened.call(`/deliveries/${kept!.id}`)).json as DeliveryDetail;
  expect(detail).toMatchObject({
    signer: null,
    claims: null,
    header: null,
    delivery: { state: "delivered" },
  });
});

test("a URL for the inspector is another each time, and there is none without an inspector", async () => {
  await using app = await startReceiver();
  await using opened = await openWithControl(`${app.port}`);
  const urls = [opened.tunnel.inspectorUrl?.(), opened.tunnel.inspectorUrl?.()];
  expect(urls).toEqual(
    [0, 1].map(() => expect.stringMatching(/^http:\/\/localhost:\d+\/_devhook\/#t=[\w-]{43}$/) as string),
  );
  expect(urls[0]).not.toBe(urls[1]);
  await using without = await openWithControl(`${app.port}`, { inspector: undefined });
  expect(without.tunnel.inspectorUrl).toBeUndefined();
});
