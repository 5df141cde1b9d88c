import { describe, expect, test } from "vitest";
import type { Destination } from "../../src/app/destination.ts";
import { openEmitter, type Emitter, type EmitterOptions } from "../../src/app/emitter.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { verifyToken, type VerifiedToken } from "../../src/kinde/verify.ts";
import type { Project } from "../../src/project/directory.ts";
import { listRunFiles } from "../../src/project/run-file.ts";
import { createRemoteJwks } from "../../src/trust/remote-jwks.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKeys } from "../helpers/keys.ts";
import { startReceiver, type Answer } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { startTestMock } from "./test-mock.ts";

describe("to endpoints", () => {
  test("delivers what the app can verify while it answers", async () => {
    using project = createTemporaryProject();
    const verified: VerifiedToken[] = [];
    const verify: Answer = async (response, { body }) => {
      verified.push(await verifyToken(body.toString(), createRemoteJwks(emitter.issuer)));
      response.end();
    };
    await using receiver = await startReceiver({ answers: [verify] });
    const changes: Delivery[] = [];
    await using emitter = await open(project, endpoints(receiver.url), {
      onChange: (delivery) => changes.push(delivery),
    });
    const { deliveries } = await emitter.emit({ type: "user.created" });
    expect(deliveries).toMatchObject([{ state: "delivered", endpoint: receiver.url }]);
    expect(deliveries[0]?.verification).toMatchObject({ status: "verified", issuer: emitter.issuer });
    expect(verified).toMatchObject([{ status: "verified" }]);
    expect(emitter.hasServedJwks()).toBe(true);
    expect(changes.map(({ state }) => state)).toEqual(["pending", "delivered"]);
  });

  test("delivers to those that want the event type", async () => {
    using project = createTemporaryProject();
    await using users = await startReceiver();
    await using all = await startReceiver();
    await using emitter = await open(project, {
      kind: "endpoints",
      why: "a test",
      endpoints: [
        { url: new URL(users.url), eventTypes: ["user.created"] },
        { url: new URL(all.url), eventTypes },
      ],
    });
    expect((await emitter.emit({ type: "role.created" })).deliveries).toMatchObject([{ endpoint: all.url }]);
    expect((await emitter.emit({ type: "user.created" })).deliveries).toHaveLength(2);
  });

  test("announces no webhooks: it emits on behalf of nobody else", async () => {
    using project = createTemporaryProject();
    await using emitter = await open(project, endpoints("http://127.0.0.1:9/"));
    expect(emitter.issuer).toMatch(/^http:\/\/localhost:\d+$/);
    expect(listRunFiles(project)).toMatchObject([{ command: "emit", webhooks: [] }]);
  });

  test("lets the app take as long as it was told", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [() => {}] });
    await using emitter = await open(project, endpoints(receiver.url), { timeoutMs: 100 });
    expect((await emitter.emit({ type: "user.created" })).deliveries).toMatchObject([
      { state: "failed", attempts: [{ error: { code: "ERR_TIMEOUT" } }] },
    ]);
  });

  test("serves nothing after it was closed", async () => {
    using project = createTemporaryProject();
    const issuerPort = await findFreePort();
    const emitter = await open(project, endpoints("http://127.0.0.1:9/"), { issuerPort });
    await emitter.close();
    await expect(ask(issuerPort, "/.well-known/jwks")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(listRunFiles(project)).toEqual([]);
  });

  test("shares the port with the project's mock", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver();
    await using mock = await startTestMock(project, []);
    await using emitter = await open(project, endpoints(receiver.url), { issuerPort: mock.run.port });
    expect((await emitter.emit({ type: "user.created" })).deliveries).toMatchObject([{ state: "delivered" }]);
    expect([emitter.issuer, emitter.hasServedJwks()]).toEqual([mock.issuer, undefined]);
  });
});

describe("to endpoints through a mock", () => {
  test("has the mock sign and deliver to those that want the event type, and serves nothing here", async () => {
    using project = createTemporaryProject();
    await using users = await startReceiver();
    await using all = await startReceiver();
    await using webhook = await startReceiver();
    await using mock = await startTestMock(project, [webhook.url]);
    const issuerPort = await findFreePort();
    const destination: Destination = {
      kind: "endpoints",
      why: "a test",
      endpoints: [
        { url: new URL(users.url), eventTypes: ["user.created"] },
        { url: new URL(all.url), eventTypes },
      ],
      through: mock.run,
    };
    const loadSigningKeys = (): Promise<never> => Promise.reject(new Error("no key of ours is needed"));
    const changes: Delivery[] = [];
    const onChange = (delivery: Delivery): void => void changes.push(delivery);
    await using emitter = await open(project, destination, { issuerPort, loadSigningKeys, onChange });
    expect([emitter.issuer, emitter.hasServedJwks()]).toEqual([mock.issuer, undefined]);
    const { deliveries: both } = await emitter.emit({ type: "user.created" });
    expect(both.map(({ endpoint }) => endpoint)).toEqual([users.url, all.url]);
    expect(new Set(both.map(({ token }) => token)).size).toBe(1);
    expect(await emitter.emit({ type: "role.created" })).toMatchObject({
      deliveries: [{ endpoint: all.url }],
    });
    expect(changes).toHaveLength(3);
    expect(webhook.requests).toHaveLength(0);
    await expect(ask(issuerPort, "/.well-known/jwks")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("asks for nothing where no endpoint wants the event type", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const endpoint = { url: new URL("http://127.0.0.1:9/"), eventTypes: ["user.created"] } as const;
    const destination: Destination = {
      kind: "endpoints",
      why: "a test",
      endpoints: [endpoint],
      through: mock.run,
    };
    await using emitter = await open(project, destination);
    expect((await emitter.emit({ type: "role.created" })).deliveries).toEqual([]);
  });
});

describe("to the running mock", () => {
  test("has the mock deliver, and tells of what came of it", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [200, 500] });
    await using mock = await startTestMock(project, [receiver.url]);
    const changes: Delivery[] = [];
    await using emitter = await open(
      project,
      { kind: "mock", run: mock.run, why: "a test" },
      { onChange: (delivery) => changes.push(delivery) },
    );
    expect(emitter.issuer).toBe(mock.issuer);
    expect(emitter.hasServedJwks()).toBeUndefined();
    const deliveries = [
      ...(await emitter.emit({ type: "user.created", set: { "user.first_name": "Ada" } })).deliveries,
      ...(await emitter.emit({ type: "user.created" })).deliveries,
    ];
    // Refused, it is not over: the mock tries again, as Kinde does.
    expect(deliveries.map(({ state }) => state)).toEqual(["delivered", "pending"]);
    expect(changes).toEqual(deliveries);
  });

  test("passes on how long the app may take", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [() => {}] });
    await using mock = await startTestMock(project, [receiver.url]);
    await using emitter = await open(
      project,
      { kind: "mock", run: mock.run, why: "a test" },
      { timeoutMs: 100 },
    );
    expect((await emitter.emit({ type: "user.created" })).deliveries).toMatchObject([
      { attempts: [{ error: { code: "ERR_TIMEOUT" } }] },
    ]);
  });

  test("cut off by its user, ends with nothing to tell", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [() => {}] });
    await using mock = await startTestMock(project, [receiver.url]);
    await using emitter = await open(project, { kind: "mock", run: mock.run, why: "a test" });
    const abort = new AbortController();
    const emitting = emitter.emit({ type: "user.created" }, abort.signal);
    await receiver.next();
    abort.abort();
    const { deliveries, ended } = await emitting;
    expect([deliveries, await ended()]).toEqual([[], []]);
  });

  test("waits for no end of what the mock attempts again once it is stopped", async () => {
    using project = createTemporaryProject();
    await using receiver = await startReceiver({ answers: [500] });
    await using mock = await startTestMock(project, [receiver.url]);
    const destination: Destination = { kind: "mock", run: mock.run, why: "a test" };
    await using emitter = await open(project, destination, { hasRetries: true });
    const { ended } = await emitter.emit({ type: "user.created" });
    const ending = ended();
    emitter.stop();
    expect(await ending).toMatchObject([{ state: "pending", attempts: [{ status: 500 }] }]);
    expect(mock.pending()).toHaveLength(1);
  });

  test("fails when the mock has gone: ERR_MOCK_UNREACHABLE", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    await using emitter = await open(project, { kind: "mock", run: mock.run, why: "a test" });
    await mock.close(0);
    await expect(emitter.emit({ type: "user.created" })).rejects.toMatchObject({
      code: "ERR_MOCK_UNREACHABLE",
    });
  });
});

function endpoints(...urls: readonly string[]): Destination {
  return {
    kind: "endpoints",
    why: "a test",
    endpoints: urls.map((url) => ({ url: new URL(url), eventTypes })),
  };
}

async function open(
  project: Project,
  destination: Destination,
  options: Partial<EmitterOptions> = {},
): Promise<Emitter & AsyncDisposable> {
  const emitter = await openEmitter({
    destination,
    project,
    loadSigningKeys: () => Promise.resolve(signingKeys),
    history: createMemoryHistory(),
    clock: systemClock,
    issuerPort: await findFreePort(),
    realIssuer: undefined,
    onJwksFailure: () => {},
    timeoutMs: undefined,
    hasRetries: false,
    speed: 1,
    onChange: () => {},
    ...options,
  });
  return { ...emitter, [Symbol.asyncDispose]: () => emitter.close() };
}
