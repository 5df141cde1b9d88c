import { describe, expect, test } from "vitest";
import { startMockKinde, WaitTimeoutError, type Delivery, type MockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";

describe("waitFor", () => {
  test("gives a delivery that there is already, the first of them", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const first = await kinde.emit("user.created");
    await kinde.emit("user.created");
    expect(await kinde.waitFor("user.created")).toEqual(first);
  });

  test("gives a delivery that comes later, once it has been attempted", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const waiting = kinde.waitFor("user.created", { timeoutMs: 20_000 });
    await kinde.emit("role.created");
    const delivery = await kinde.emit("user.created");
    expect(await waiting).toEqual(delivery);
  });

  test("gives one that was refused, too, though it is attempted again", async () => {
    await using refusing = await startReceiver({ answers: [500] });
    await using kinde = await startMock(refusing);
    const waiting = kinde.waitFor("user.created", { timeoutMs: 20_000 });
    await kinde.emit("user.created");
    expect(await waiting).toMatchObject({ state: "pending", attempts: [{ status: 500 }] });
  });

  test.each(["user.*", "*"] as const)("takes the pattern %s", async (pattern) => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const delivery = await kinde.emit("user.updated");
    expect(await kinde.waitFor(pattern)).toEqual(delivery);
  });

  test("asks a function at every change, pending deliveries included", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const asked: Delivery["state"][] = [];
    const waiting = kinde.waitFor(
      ({ state }) => {
        asked.push(state);
        return state === "delivered";
      },
      { timeoutMs: 20_000 },
    );
    await kinde.emit("user.created");
    expect(await waiting).toMatchObject({ state: "delivered" });
    expect(asked).toEqual(["pending", "delivered"]);
  });

  test("serves several who wait, each for its own", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const options = { timeoutMs: 20_000 };
    const waiting = [
      kinde.waitFor("role.created", options),
      kinde.waitFor("user.created", options),
      kinde.waitFor("user.*", options),
    ];
    const user = await kinde.emit("user.created");
    const role = await kinde.emit("role.created");
    expect(await Promise.all(waiting)).toEqual([role, user, user]);
  });

  test("refuses an async function, whose promise would be a yes to everything: ERR_INVALID_OPTION", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const waitFor = kinde.waitFor as unknown as (wanted: () => Promise<boolean>) => Promise<Delivery>;
    const asynchronous = (): Promise<boolean> => Promise.reject(new Error("asked for nothing"));
    const refused = { code: "ERR_INVALID_OPTION", got: "a promise" };
    const waiting = waitFor(asynchronous).catch((error: unknown) => error);
    await kinde.emit("user.created");
    expect(await waiting).toMatchObject(refused);
    await expect(waitFor(asynchronous)).rejects.toMatchObject(refused);
  });

  test("rejects with what the function throws, of deliveries there are and of those to come", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    const broken = (): boolean => {
      throw new RangeError("broken");
    };
    const waiting = kinde.waitFor(broken).catch((reason: unknown) => reason);
    // Whoever emits is not to suffer for it.
    expect(await kinde.emit("user.created")).toMatchObject({ state: "delivered" });
    expect(await waiting).toBeInstanceOf(RangeError);
    await expect(kinde.waitFor(broken)).rejects.toThrow(RangeError);
  });
});

describe("waitFor in vain", () => {
  test("ends with ERR_WAIT_TIMEOUT, which says that nothing was emitted", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.waitFor("user.created", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "ERR_WAIT_TIMEOUT",
      exitCode: 1,
      timeoutMs: 20,
      deliveries: [],
      message: expect.stringMatching(/user\.created.*20 ms.*Nothing has been emitted/) as string,
    });
  });

  test("tells what there was instead: delivered, refused, failed, without an answer", async () => {
    await using well = await startReceiver();
    await using refusing = await startReceiver({ answers: [500] });
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMock(well, refusing, hanging);
    const emitting = kinde.emit("role.created");
    await hanging.next();
    await kinde.waitFor(({ endpoint, state }) => endpoint === well.url && state === "delivered");
    await kinde.waitFor(({ endpoint, attempts }) => endpoint === refusing.url && attempts.length === 1);
    const error = await kinde.waitFor("user.created", { timeoutMs: 20 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ deliveries: kinde.deliveries });
    const { message } = error as WaitTimeoutError;
    expect(message).toContain(`role.created was delivered to ${well.url}`);
    expect(message).toMatch(/role\.created was not taken by .*answered 500.*attempted again/);
    expect(message).toContain(`waits for the answer of ${hanging.url}`);
    await kinde.reset();
    await emitting;
    await kinde.emit("role.created", { to: refusing.url });
    await expect(kinde.waitFor("user.created", { timeoutMs: 20 })).rejects.toMatchObject({
      message: expect.stringMatching(/role\.created failed at .*500/) as string,
    });
  });

  test("names the latest of many", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    for (let index = 0; index < 4; index++) await kinde.emit("role.created");
    await kinde.emit("role.deleted");
    await expect(kinde.waitFor(() => false, { timeoutMs: 20 })).rejects.toMatchObject({
      message: expect.stringMatching(/5 so far.*role\.deleted/) as string,
    });
  });

  test("for an endpoint that never answers says that it waits for it", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMock(hanging);
    const emitting = kinde.emit("user.created");
    await hanging.next();
    await expect(kinde.waitFor("user.created", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "ERR_WAIT_TIMEOUT",
      message: expect.stringContaining(`user.created waits for the answer of ${hanging.url}`) as string,
    });
    await kinde.close();
    expect(await emitting).toMatchObject({ failedReason: "cancelled" });
  });

  test("is not begun for an event type that Kinde lacks: ERR_UNKNOWN_EVENT_TYPE, with the nearest", async () => {
    await using kinde = await startMockKinde({ signingKey });
    // @ts-expect-error no event type
    await expect(kinde.waitFor("user.create")).rejects.toMatchObject({
      code: "ERR_UNKNOWN_EVENT_TYPE",
      closest: "user.created",
    });
  });
});

describe("the signal of waitFor", () => {
  test("ends the wait with its reason", async () => {
    await using kinde = await startMockKinde({ signingKey });
    const abort = new AbortController();
    const waiting = kinde.waitFor("user.created", { signal: abort.signal });
    const reason = new Error("no longer wanted");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("that has aborted before lets nothing be waited for, not even what there is", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMock(receiver);
    await kinde.emit("user.created");
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(kinde.waitFor("user.created", { signal })).rejects.toThrow("too late");
  });
});

function startMock(...receivers: readonly Receiver[]): Promise<MockKinde> {
  return startMockKinde({ signingKey, webhooks: receivers.map(({ url }) => ({ endpoint: url })) });
}
