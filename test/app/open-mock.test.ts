import { queryObjects } from "node:v8";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openMock, type RunningMock } from "../../src/app/open-mock.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { signingKeys } from "../helpers/keys.ts";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";

describe("an open mock", () => {
  test("cuts off what is under way, and goes on with what comes after", async () => {
    await using receiver = await startReceiver({ answers: [() => {}, 200] });
    const mock = await openTestMock(receiver);
    const emitting = mock.emit({ type: "user.created" });
    await receiver.next();
    await mock.reset();
    expect((await emitting).deliveries).toMatchObject([{ failedReason: "cancelled" }]);
    expect((await mock.emit({ type: "user.created" })).deliveries).toMatchObject([{ state: "delivered" }]);
  });

  test("has cut off all of it when reset resolves, signed or not", async () => {
    await using receiver = await startReceiver();
    const changes: Delivery[] = [];
    const mock = await openTestMock(receiver, (delivery) => changes.push(delivery));
    const emitting = [mock.emit({ type: "user.created" }), mock.emit({ type: "user.updated" })];
    await mock.reset();
    const told = changes.length;
    await Promise.all(emitting);
    expect(changes).toHaveLength(told);
    expect(changes.map(({ state }) => state).sort()).toEqual(["failed", "failed", "pending", "pending"]);
  });

  test("one signal of the caller's does not stop what others emit", async () => {
    await using receiver = await startReceiver({ answers: [() => {}, 200] });
    const mock = await openTestMock(receiver);
    const abort = new AbortController();
    const emitting = mock.emit({ type: "user.created" }, abort.signal);
    await receiver.next();
    abort.abort();
    expect((await emitting).deliveries).toMatchObject([{ failedReason: "cancelled" }]);
    expect((await mock.emit({ type: "user.created" })).deliveries).toMatchObject([{ state: "delivered" }]);
  });

  test("keeps nothing of a signal that many emits are given", async () => {
    await using receiver = await startReceiver();
    const mock = await openTestMock(receiver);
    const { signal } = new AbortController();
    const emitMany = async (): Promise<number> => {
      for (let index = 0; index < 50; index++) await mock.emit({ type: "user.created" }, signal);
      await new Promise((resolve) => setImmediate(resolve));
      return queryObjects(AbortSignal, { format: "count" });
    };
    const before = await emitMany();
    expect((await emitMany()) - before).toBeLessThan(25);
  });
});

/** A mock whose issuer nobody asks for. */
async function openTestMock(
  receiver: Receiver,
  onChange: (delivery: Delivery) => void = () => {},
): Promise<RunningMock> {
  return await openMock(
    {
      signingKeys,
      clock: systemClock,
      time: createScheduleClock(systemClock),
      randomBytes,
      findToken: () => Promise.resolve(undefined),
      webhooks: [{ url: new URL(receiver.url), eventTypes }],
      timeoutMs: 20_000,
      onChange,
    },
    () =>
      Promise.resolve({
        url: "http://localhost:4455",
        port: 4455,
        hasServedJwks: () => false,
        caCertificate: () => Promise.resolve(""),
        close: () => Promise.resolve(),
      }),
  );
}
