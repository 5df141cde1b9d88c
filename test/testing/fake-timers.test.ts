import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startMockKinde } from "../../src/index.ts";
import { signingKey } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("while a test holds the timers", () => {
  test("emit, createRequest, waitFor, reset and close work as ever", async () => {
    await using receiver = await startReceiver();
    const kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    const waiting = kinde.waitFor("user.created");
    const delivery = await kinde.emit("user.created");
    expect(delivery).toMatchObject({ state: "delivered" });
    expect(await waiting).toEqual(delivery);
    expect((await kinde.createRequest("user.created")).method).toBe("POST");
    await kinde.reset();
    expect(kinde.deliveries).toEqual([]);
    await kinde.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waitFor still ends when nothing comes", async () => {
    await using kinde = await startMockKinde({ signingKey });
    await expect(kinde.waitFor("user.created", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "ERR_WAIT_TIMEOUT",
    });
  });

  test("an endpoint that never answers is given up all the same", async () => {
    await using hanging = await startReceiver({ answers: [() => {}] });
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: hanging.url }] });
    expect(await kinde.emit("user.created", { timeoutMs: 20 })).toMatchObject({
      state: "pending",
      attempts: [{ error: { code: "ERR_TIMEOUT" } }],
    });
  });

  test("events and records have the time that the test sets", async () => {
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, webhooks: [{ endpoint: receiver.url }] });
    for (const time of ["2026-02-03T04:05:06.000Z", "2031-01-01T00:00:00.000Z"]) {
      vi.setSystemTime(new Date(time));
      expect(await kinde.emit("user.created")).toMatchObject({
        createdAt: time,
        event: { timestamp: time },
        attempts: [{ startedAt: time }],
      });
    }
  });

  test("the mock's own time goes before it", async () => {
    const now = new Date("2026-02-03T04:05:06.000Z");
    await using receiver = await startReceiver();
    await using kinde = await startMockKinde({ signingKey, now, webhooks: [{ endpoint: receiver.url }] });
    vi.setSystemTime(0);
    expect(await kinde.emit("user.created")).toMatchObject({ createdAt: now.toISOString() });
  });
});
