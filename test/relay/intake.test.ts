import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startIntake } from "../../src/relay/intake.ts";
import { requestBytes } from "../attacks/attack.ts";
import { expectToTellNothing } from "../attacks/run-attack.ts";
import { createWebhook } from "./create-webhook.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { startTestIntake } from "./test-intake.ts";
import { openWire } from "./wire.ts";

const hosts = hasIpv6Loopback ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
const webhook = (): Buffer => requestBytes({ body: createWebhook() });
const nowhere = "http://127.0.0.1:9/api/webhook";

describe("the probe", () => {
  test("is answered once, and then as any stranger", async () => {
    const outstanding = new Set(["/.well-known/kinde-devhook/nonce"]);
    const proof = createHmac("sha256", "key").update("nonce").digest("hex");
    await using intake = await startTestIntake({
      forwards: [nowhere],
      answerProbe: (path) => (outstanding.delete(path) ? proof : undefined),
    });
    using wire = await openWire(intake.port);
    const probe = requestBytes({
      method: "GET",
      target: "/.well-known/kinde-devhook/nonce",
      headers: { "content-length": undefined },
    });
    await wire.write(probe);
    const answer = await wire.answer();
    expect(answer).toMatchObject({ status: 200 });
    expect(answer?.body.toString()).toBe(proof);
    expect(intake.refused).toEqual([]);
    await wire.write(probe);
    const again = await wire.answer();
    expect(again).toMatchObject({ status: 404 });
    expectToTellNothing(again!);
    expect(intake.refused).toMatchObject([
      {
        code: "ERR_NOT_A_WEBHOOK_REQUEST",
        method: "GET",
        path: "/.well-known/kinde-devhook/nonce",
        status: 404,
      },
    ]);
  });

  test("is not asked for by another method", async () => {
    await using intake = await startTestIntake({ forwards: [nowhere], answerProbe: () => "proof" });
    using wire = await openWire(intake.port);
    await wire.write(requestBytes({ method: "PUT", body: "", headers: { "content-length": undefined } }));
    expect(await wire.answer()).toMatchObject({ status: 404 });
  });
});

describe("connections", () => {
  test.each(hosts)("come in at %s", async (host) => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url] });
    using wire = await openWire(intake.port, { host });
    await wire.write(webhook());
    expect(await wire.answer()).toMatchObject({ status: 200 });
  });

  test("carry one webhook after the other, and wait as long as it takes between them", async () => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url], requestTimeoutMs: 50 });
    using used = await openWire(intake.port);
    using ahead = await openWire(intake.port);
    for (let count = 0; count < 3; count++) {
      await used.write(webhook());
      expect(await used.answer()).toMatchObject({ status: 200 });
      // As long as a request may take, and longer: one that is begun is ended by then.
      using slow = await openWire(intake.port);
      await slow.write("P");
      await slow.ended;
    }
    // Opened long before its first byte, as a tunnel does.
    await ahead.write(webhook());
    expect(await ahead.answer()).toMatchObject({ status: 200 });
  });

  test("are not ended by a timeout of Node's", async () => {
    // What a tunnel opens ahead would be answered 408 after a minute, which no test wants to sit out.
    const { createServer, Server } = await import("node:http");
    const listen = Server.prototype.listen;
    const servers: InstanceType<typeof Server>[] = [];
    Server.prototype.listen = function (this: InstanceType<typeof Server>, ...args: never[]) {
      servers.push(this);
      return Reflect.apply(listen, this, args) as typeof this;
    } as typeof listen;
    try {
      await using intake = await startTestIntake({ forwards: [nowhere] });
      expect(servers).toHaveLength(hosts.length);
      for (const server of servers) {
        const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxRequestsPerSocket } = server;
        expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxRequestsPerSocket }).toEqual({
          headersTimeout: 0,
          requestTimeout: 0,
          keepAliveTimeout: 0,
          timeout: 0,
          maxRequestsPerSocket: 0,
        });
      }
      expect(intake.port).toBeGreaterThan(0);
    } finally {
      Server.prototype.listen = listen;
    }
    expect(createServer().keepAliveTimeout).not.toBe(0);
  });

  test("are not to be had at a port that is taken", async () => {
    await using app = await startReceiver();
    const taken = startIntake({
      port: app.port,
      answerProbe: () => undefined,
      gate: () => Promise.reject(new Error("unused")),
      relay: { pass: () => Promise.reject(new Error("unused")) },
      now: () => 0,
      onRefused: () => {},
      onFailure: () => {},
    });
    await expect(taken).rejects.toMatchObject({ port: app.port });
  });
});

describe("a request that asks to go on", () => {
  test("is told to: Expect: 100-continue", async () => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url] });
    using wire = await openWire(intake.port);
    const body = createWebhook();
    const head = requestBytes({ headers: { expect: "100-continue", "content-length": String(body.length) } });
    await wire.write(head);
    expect(await wire.answer()).toMatchObject({ status: 100 });
    await wire.write(body);
    expect(await wire.answer()).toMatchObject({ status: 200 });
    expect((await app.next()).headers).not.toHaveProperty("expect");
  });

  test("is passed on when it expects what nobody knows", async () => {
    await using app = await startReceiver();
    await using intake = await startTestIntake({ forwards: [app.url] });
    using wire = await openWire(intake.port);
    await wire.write(requestBytes({ headers: { expect: "a-miracle" }, body: createWebhook() }));
    expect(await wire.answer()).toMatchObject({ status: 200 });
  });
});

test("a refusal is recorded with its method and path", async () => {
  await using intake = await startTestIntake({ forwards: [nowhere] });
  using wire = await openWire(intake.port);
  await wire.write(requestBytes({ target: "/hook?x=1", body: "nothing" }));
  await wire.answer();
  expect(intake.refused).toEqual([
    { code: "ERR_NOT_A_JWT", reason: expect.any(String), status: 401, method: "POST", path: "/hook?x=1" },
  ]);
});
