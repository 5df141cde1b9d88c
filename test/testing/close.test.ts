import { describe, expect, test } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";

describe("a mock that is closed", () => {
  test.each(["close", Symbol.asyncDispose] as const)("serves no more, by %s", async (by) => {
    const kinde = await startMockKinde({ signingKey });
    await kinde[by]();
    await expect(ask(kinde.port, "/.well-known/jwks")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("lets go of its port, for the next mock", async () => {
    const port = await findFreePort();
    const first = await startMockKinde({ signingKey, port });
    await first.close();
    await using second = await startMockKinde({ signingKey, port });
    expect(second.issuer).toBe(first.issuer);
  });

  test("may be closed again, before it has closed and after", async () => {
    const kinde = await startMockKinde({ signingKey });
    await Promise.all([kinde.close(), kinde.close()]);
    await expect(kinde.close()).resolves.toBeUndefined();
    await expect(kinde[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test("refuses what comes after: ERR_MOCK_CLOSED", async () => {
    await using receiver = await startReceiver();
    const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const closing = kinde.close();
    const refused = { code: "ERR_MOCK_CLOSED", exitCode: 2 };
    for (const when of [closing, undefined]) {
      await expect(kinde.emit("user.created")).rejects.toMatchObject(refused);
      await expect(kinde.emit("user.created", { to: receiver.url })).rejects.toMatchObject(refused);
      await expect(kinde.createRequest("user.created")).rejects.toMatchObject(refused);
      await expect(kinde.waitFor("user.created")).rejects.toMatchObject(refused);
      await expect(kinde.reset()).rejects.toMatchObject(refused);
      expect(() => kinde.limitRate()).toThrow(expect.objectContaining(refused));
      await expect(kinde.clock.advance("1h")).rejects.toMatchObject(refused);
      for (const verb of ["enableWebhook", "disableWebhook"] as const) {
        expect(() => kinde[verb](kinde.webhooks[0]!.id)).toThrow(expect.objectContaining(refused));
      }
      await when;
    }
    expect(receiver.requests).toEqual([]);
  });

  test("still tells what was delivered", async () => {
    await using receiver = await startReceiver();
    const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const delivery = await kinde.emit("user.created");
    await kinde.close();
    expect(kinde.deliveries).toEqual([delivery]);
    expect(kinde.issuer).toBe(`http://localhost:${kinde.port}`);
  });

  test("cuts off what is under way, which has then failed as cancelled", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
    const emitting = kinde.emit("user.created");
    await hanging.next();
    expect(kinde.deliveries).toMatchObject([{ state: "pending", attempts: [] }]);
    await kinde.close();
    const ended = await emitting;
    expect(ended).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(kinde.deliveries).toEqual([ended]);
  });

  test("has ended all of it by then, signed or not", async () => {
    await using receiver = await startReceiver();
    const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const emitting = kinde.emit("user.created");
    await kinde.close();
    const { deliveries } = kinde;
    expect(deliveries).toEqual([await emitting]);
    expect(deliveries[0]?.state).not.toBe("pending");
  });

  test("ends what waits for a delivery: ERR_MOCK_CLOSED", async () => {
    const kinde = await startMockKinde({ signingKey });
    const waiting = [kinde.waitFor("user.created"), kinde.waitFor(() => false)].map((each) =>
      expect(each).rejects.toMatchObject({ code: "ERR_MOCK_CLOSED" }),
    );
    await kinde.close();
    await Promise.all(waiting);
  });
});

describe("a reset", () => {
  test("cuts off what is under way, and forgets it", async () => {
    await using hanging = await startReceiver({ answers: [() => {}, 200] });
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
    const emitting = kinde.emit("user.created");
    await hanging.next();
    await kinde.reset();
    expect(kinde.deliveries).toEqual([]);
    expect(await emitting).toMatchObject({ state: "failed", failedReason: "cancelled" });
    expect(await kinde.emit("user.updated")).toMatchObject({ state: "delivered" });
    expect(kinde.deliveries).toHaveLength(1);
  });

  test("forgets also what was emitted at the moment before", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const emitting = kinde.emit("user.created");
    await kinde.reset();
    await emitting;
    expect(kinde.deliveries).toEqual([]);
  });

  test("ends what is waited for: ERR_MOCK_RESET, and not with what it has cut off itself", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
    const waiting = kinde.waitFor("user.created", { timeoutMs: 20_000 }).catch((error: unknown) => error);
    const emitting = kinde.emit("user.created");
    await hanging.next();
    await kinde.reset();
    expect(await waiting).toMatchObject({ code: "ERR_MOCK_RESET" });
    expect(await emitting).toMatchObject({ failedReason: "cancelled" });
  });

  test("does not wait for its end to begin anew: what is emitted meanwhile is of the new time", async () => {
    await using receiver = await startReceiver({ answers: [() => {}, 200] });
    const options = { signingKey, randomSeed: 7, now: 0, webhooks: [{ endpoint: receiver.url }] };
    await using kinde = await startMockKinde(options);
    const hanging = kinde.emit("user.created");
    await receiver.next();
    const resetting = kinde.reset();
    const delivery = await kinde.emit("user.created");
    await resetting;
    expect(kinde.deliveries).toEqual([delivery]);
    expect((await hanging).id).toBe(delivery.id);
  });

  test("stays one when the mock is closed before it has ended", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
    const emitting = kinde.emit("user.created");
    await hanging.next();
    await Promise.all([kinde.reset(), kinde.close()]);
    await emitting;
    expect(kinde.deliveries).toEqual([]);
  });
});
