import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { createLocalJwks, startMockKinde, verifyToken, type MockKinde } from "../../src/index.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";

const jwks = createLocalJwks("http://localhost", { keys: [signingKey.publicJwk] });

describe("emit", () => {
  test("delivers to every webhook that wants the event, and gives the first delivery once all have ended", async () => {
    const held: ServerResponse[] = [];
    await using first = await startReceiver();
    await using slow = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using roles = await startReceiver();
    await using kinde = await startMockKinde({
      signingKey,
      webhooks: [
        { endpoint: first.url, eventTypes: ["user.*"] },
        { endpoint: new URL(slow.url) },
        { endpoint: roles.url, eventTypes: ["role.created"] },
      ],
    });
    const order: string[] = [];
    const emitting = kinde.emit("user.created").finally(() => order.push("emitted"));
    await slow.next();
    await kinde.waitFor("user.created");
    expect(kinde.deliveries.map(({ state }) => state)).toEqual(["delivered", "pending"]);
    order.push("let go");
    held[0]?.end();
    const delivery = await emitting;
    expect(order).toEqual(["let go", "emitted"]);
    expect(delivery).toMatchObject({ endpoint: first.url, state: "delivered" });
    expect(kinde.deliveries.map(({ endpoint, state }) => [endpoint, state])).toEqual([
      [first.url, "delivered"],
      [slow.url, "delivered"],
    ]);
    expect(roles.requests).toEqual([]);
  });

  test.each(["text", "URL"] as const)("delivers to the URL of `to` as %s, and to no webhook", async (as) => {
    await using webhook = await startReceiver();
    await using receiver = await startReceiver();
    await using kinde = await startMock(webhook);
    const to = as === "text" ? receiver.url : new URL(receiver.url);
    expect(await kinde.emit("user.created", { to })).toMatchObject({ endpoint: receiver.url });
    expect([webhook.requests.length, receiver.requests.length]).toEqual([0, 1]);
  });

  test("puts in the values that are given", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    await kinde.emit("user.created", {
      data: { user: { email: "ada@example.com" } },
      set: { "user.first_name": "Ada" },
      unset: ["user.phone"],
      source: "admin",
      webhookId: "drill-1",
    });
    const { body, headers, method } = await receiver.next();
    const verified = await verifyToken(body.toString(), jwks);
    expect(verified).toMatchObject({
      status: "verified",
      event: { source: "admin", data: { user: { email: "ada@example.com", first_name: "Ada" } } },
    });
    expect(verified).not.toHaveProperty("event.data.user.phone");
    expect([method, headers["webhook-id"], headers["content-type"]]).toEqual([
      "POST",
      "drill-1",
      "application/jwt",
    ]);
  });

  test("counts the expected status as delivered, and no other", async () => {
    await using receiver = await startReceiver({ answers: [400] });
    await using kinde = await startMock(receiver);
    expect(await kinde.emit("user.created", { expectedStatus: 400 })).toMatchObject({ state: "delivered" });
    expect(await kinde.emit("user.created")).toMatchObject({ state: "pending" });
    expect(await kinde.emit("user.created", { to: receiver.url })).toMatchObject({
      state: "failed",
      failedReason: "not_delivered",
    });
  });

  test("without a webhook says so: ERR_NO_WEBHOOK", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.emit("user.created")).rejects.toMatchObject({
      code: "ERR_NO_WEBHOOK",
      message: expect.stringContaining("webhooks: [{ endpoint }]") as string,
    });
  });

  test("without a webhook that wants the event says so: ERR_NO_WEBHOOK, with the event type", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({
      signingKey,
      webhooks: [{ endpoint: receiver.url, eventTypes: ["role.*"] }],
    });
    await expect(kinde.emit("user.created")).rejects.toMatchObject({
      code: "ERR_NO_WEBHOOK",
      message: expect.stringContaining("user.created") as string,
    });
    expect(kinde.deliveries).toEqual([]);
  });
});

describe("an endpoint", () => {
  test("that refuses is no exception: the delivery says when it is attempted again, or has failed at a URL", async () => {
    await using receiver = await startReceiver({
      answers: [(response) => void response.writeHead(500).end("no such user")],
    });
    await using kinde = await startMock(receiver);
    const attempts = [{ number: 1, status: 500, error: null, response: { body: "no such user" } }];
    expect(await kinde.emit("user.created")).toMatchObject({
      state: "pending",
      failedReason: null,
      nextAttemptAt: expect.any(String) as string,
      attempts,
    });
    expect(await kinde.emit("user.created", { to: receiver.url })).toMatchObject({
      state: "failed",
      failedReason: "not_delivered",
      nextAttemptAt: null,
      attempts,
    });
  });

  test("that never answers is a failed attempt after the time of the call, or else of the mock", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    const webhooks = [{ endpoint: hanging.url }];
    await using kinde = await startMockKinde({ signingKey, webhooks, timeoutMs: 60 });
    await using patient = await startMockKinde({ signingKey, webhooks });
    const failed = { state: "pending", attempts: [{ status: null, error: { code: "ERR_TIMEOUT" } }] };
    expect(await kinde.emit("user.created")).toMatchObject(failed);
    expect(await patient.emit("user.created", { timeoutMs: 60 })).toMatchObject(failed);
    expect(await kinde.emit("user.created", { to: hanging.url })).toMatchObject({
      ...failed,
      state: "failed",
      failedReason: "not_delivered",
    });
  });

  test("that is not there is a failed delivery", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const to = `http://127.0.0.1:${await findFreePort()}/api/webhook`;
    expect(await kinde.emit("user.created", { to })).toMatchObject({
      state: "failed",
      attempts: [{ status: null, error: { code: "ERR_CONNECTION_REFUSED" }, response: null }],
    });
  });

  test("that fails keeps no other from its event", async () => {
    await using failing = await startReceiver({ answers: [(response) => void response.destroy()] });
    await using well = await startReceiver();
    await using kinde = await startMock(failing, well);
    expect(await kinde.emit("user.created")).toMatchObject({ endpoint: failing.url, state: "pending" });
    expect(kinde.deliveries.map(({ state }) => state)).toEqual(["pending", "delivered"]);
  });
});

describe("the signal of emit", () => {
  test("cuts the requests off: the deliveries have failed as cancelled", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMock(hanging, hanging);
    const abort = new AbortController();
    const emitting = kinde.emit("user.created", { signal: abort.signal });
    await hanging.next();
    await hanging.next();
    abort.abort();
    expect(await emitting).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(kinde.deliveries.map(({ failedReason }) => failedReason)).toEqual(["cancelled", "cancelled"]);
  });

  test("that has aborted before sends nothing", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const delivery = await kinde.emit("user.created", { signal: AbortSignal.abort() });
    expect(delivery).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(receiver.requests).toEqual([]);
  });
});

describe("deliveries", () => {
  test("stand in the order of the calls, whichever was signed or answered first", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    for (let round = 0; round < 10; round++) {
      await kinde.reset();
      const emitted = await Promise.all(
        (["user.created", "user.updated", "role.created", "role.deleted"] as const).map((type) =>
          kinde.emit(type),
        ),
      );
      expect(kinde.deliveries).toEqual(emitted);
    }
  });

  test("is a list of its own each time: later ones do not change it", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    await kinde.emit("user.created");
    const before = kinde.deliveries;
    await kinde.emit("user.updated");
    expect([before.length, kinde.deliveries.length]).toEqual([1, 2]);
  });
});

function startMock(...receivers: readonly Receiver[]): Promise<MockKinde> {
  return startMockKinde({ signingKey, webhooks: receivers.map(({ url }) => ({ endpoint: url })) });
}
