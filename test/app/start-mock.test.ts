import { existsSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { emitThroughMock } from "../../src/app/control-client.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { verifyToken } from "../../src/kinde/verify.ts";
import type { EmitRequest } from "../../src/mock/mock.ts";
import { readRunFile } from "../../src/project/run-file.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { openPendingOf, pendingDirectory } from "../history/pending-of.ts";
import { ask } from "../issuer/ask.ts";
import { startTestIssuer } from "../issuer/test-issuer.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { startTestMock, type TestMock } from "./test-mock.ts";

const pid = process.platform === "linux" ? process.pid : undefined;

describe("a running mock", () => {
  test("delivers what its control API is asked to emit, and its JWKS verifies it", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    const changes: Delivery[] = [];
    await using mock = await startTestMock(project, [receiver.url], {
      onChange: (delivery) => changes.push(delivery),
    });
    const deliveries = await emit(mock);
    expect(deliveries).toMatchObject([{ state: "delivered", endpoint: receiver.url }]);
    expect(changes.map(({ state }) => state)).toEqual(["pending", "delivered"]);
    expect(mock.hasServedJwks()).toBe(false);
    const token = (await receiver.next()).body.toString();
    expect(await verifyToken(token, createRemoteJwks(mock.issuer))).toMatchObject({ status: "verified" });
    expect(mock.hasServedJwks()).toBe(true);
    expect(deliveries[0]?.verification).toEqual({
      status: "verified",
      kid: signingKey.kid,
      issuer: mock.issuer,
    });
  });

  test("is announced with its webhooks until it ends", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, ["http://localhost:3000/a", "http://localhost:3000/b"]);
    expect(mock.run).toMatchObject({
      command: "mock",
      pid: process.pid,
      webhooks: ["http://localhost:3000/a", "http://localhost:3000/b"],
    });
    expect(mock.webhooks.map(({ id }) => id)).toEqual([
      expect.stringMatching(/^webhook_[\da-f]{32}$/),
      expect.stringMatching(/^webhook_[\da-f]{32}$/),
    ]);
    expect(mock.webhooks[0]?.id).not.toBe(mock.webhooks[1]?.id);
    await mock.close(0);
    expect(readRunFile(project, mock.run.port)).toBeUndefined();
  });

  test("lists the project's deliveries", async () => {
    using project = createTemporaryProject();
    const history = createMemoryHistory();
    await history.append(sampleDelivery({ id: "dlv_of_another_process" }));
    await using mock = await startTestMock(project, [], { history });
    const headers = { authorization: `Bearer ${mock.run.token}` };
    expect((await ask(mock.run.port, "/_devhook/api/deliveries", { headers })).json).toMatchObject({
      deliveries: [{ id: "dlv_of_another_process" }],
    });
  });

  test("without a webhook says so to who emits: ERR_NO_WEBHOOK", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    await expect(emit(mock)).rejects.toMatchObject({ code: "ERR_NO_WEBHOOK" });
  });
});

describe("what a mock attempts once", () => {
  test.each<[string, Partial<EmitRequest>]>([
    ["a damaged event", { fault: "bad-signature" }],
    ["an event to a URL", { to: "" }],
  ])("is nothing that another process goes on with by the schedule: %s", async (_what, order) => {
    using project = createTemporaryProject();
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using mock = await startTestMock(project, [receiver.url]);
    const to = order.to === undefined ? {} : { to: receiver.url };
    const emitting = emitThroughMock(mock.run, { type: "user.created", ...order, ...to }, 20_000);
    await receiver.next();
    // A kill at this moment would leave what is there now.
    expect(existsSync(pendingDirectory(project))).toBe(false);
    held[0]?.writeHead(500).end();
    expect(await emitting).toMatchObject([{ state: "failed", failedReason: "not_delivered" }]);
  });
});

describe("a mock does not start on a port", () => {
  test("of another mock of this project: ERR_PORT_TAKEN, with its pid", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const starting = startTestMock(project, [], { issuerPort: mock.run.port });
    await expect(starting).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      exitCode: 3,
      port: mock.run.port,
      pid: process.pid,
    });
    // The one that runs is still announced.
    expect(readRunFile(project, mock.run.port)).toEqual(mock.run);
  });

  test("of another project: ERR_OTHER_PROJECT, with its pid", async () => {
    using project = createTemporaryProject();
    await using other = await startTestIssuer({ project: "/other/.kinde-devhook" });
    await expect(startTestMock(project, [], { issuerPort: other.port })).rejects.toMatchObject({
      code: "ERR_OTHER_PROJECT",
      exitCode: 2,
      pid: process.pid,
    });
  });

  test("of another program: ERR_PORT_TAKEN, with its pid", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    await expect(startTestMock(project, [], { issuerPort: receiver.port })).rejects.toMatchObject({
      code: "ERR_PORT_TAKEN",
      exitCode: 3,
      pid,
    });
  });
});

test("a mock that can't start leaves what is pending to one that can", async () => {
  using project = createTemporaryProject();
  await using receiver = await startReceiver();
  const left = openPendingOf(project);
  left.keep(sampleDelivery({ endpoint: receiver.url, createdAt: new Date().toISOString() }));
  left.close();
  await expect(startTestMock(project, [], { issuerPort: receiver.port })).rejects.toMatchObject({
    code: "ERR_PORT_TAKEN",
  });
  const resumed: Delivery[] = [];
  await using mock = await startTestMock(project, [], {
    onResume: (deliveries) => resumed.push(...deliveries),
  });
  expect(resumed).toMatchObject([{ id: sampleDelivery().id }]);
  expect(await mock.untilEnded(sampleDelivery().id)).toMatchObject({ state: "delivered" });
});

describe("a mock that closes", () => {
  test("lets what is under way come to its end, and tells who asked for it", async () => {
    using project = createTemporaryProject();
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using mock = await startTestMock(project, [receiver.url]);
    const emitting = emit(mock);
    await receiver.next();
    const closing = mock.close(20_000);
    // An app that verifies only now still finds the JWKS.
    expect((await ask(mock.run.port, "/.well-known/jwks")).status).toBe(200);
    held[0]?.end();
    expect(await emitting).toMatchObject([{ state: "delivered" }]);
    await closing;
    await expect(ask(mock.run.port, "/.well-known/jwks")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("takes no more events: ERR_MOCK_CLOSING", async () => {
    using project = createTemporaryProject();
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using mock = await startTestMock(project, [receiver.url]);
    const emitting = emit(mock);
    await receiver.next();
    const closing = mock.close(20_000);
    await expect(emit(mock)).rejects.toMatchObject({ code: "ERR_MOCK_CLOSING" });
    held[0]?.end();
    await emitting;
    await closing;
    expect(receiver.requests).toHaveLength(1);
  });

  test("cuts off what takes longer than its grace, keeps it pending, and tells who asked for it", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [() => {}] });
    await using mock = await startTestMock(project, [receiver.url]);
    const emitting = emit(mock);
    await receiver.next();
    await mock.close(50);
    expect(await emitting).toMatchObject([
      {
        state: "pending",
        nextAttemptAt: expect.any(String) as string,
        attempts: [{ error: { code: "ERR_ABORTED" } }],
      },
    ]);
  });

  test("lets go of its port", async () => {
    using project = createTemporaryProject();
    const issuerPort = await findFreePort();
    await using mock = await startTestMock(project, [], { issuerPort });
    await mock.close(0);
    await using again = await startTestMock(project, [], { issuerPort });
    expect(again.run.port).toBe(issuerPort);
  });
});

async function emit(mock: TestMock): Promise<readonly Delivery[]> {
  return await emitThroughMock(mock.run, { type: "user.created" }, 20_000);
}
