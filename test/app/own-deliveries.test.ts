import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { createOwnDeliveries, type OwnDeliveries } from "../../src/app/own-deliveries.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";

describe("a tunnel that closes", () => {
  test("takes no more events of its own: ERR_CLOSING", async () => {
    await using app = await startReceiver();
    const { own } = create(app.url);
    await own.close(0);
    await expect(own.emit({ type: "user.created" })).rejects.toMatchObject({ code: "ERR_CLOSING" });
    expect(app.requests).toEqual([]);
  });

  test("has what is under way come to its end, and takes nothing meanwhile", async () => {
    const held: ServerResponse[] = [];
    await using app = await startReceiver({ answers: [(response) => void held.push(response)] });
    const { own, changes } = create(app.url);
    const emitting = own.emit({ type: "user.created" });
    await app.next();
    const closing = own.close(20_000);
    await expect(own.emit({ type: "user.created" })).rejects.toMatchObject({ code: "ERR_CLOSING" });
    held[0]?.end();
    expect(await emitting).toMatchObject({ deliveries: [{ state: "delivered" }] });
    await closing;
    expect(changes.map(({ state }) => state)).toEqual(["pending", "delivered"]);
  });

  test("cuts off what takes longer than its grace", async () => {
    await using app = await startReceiver({ answers: [() => {}] });
    const { own } = create(app.url);
    const emitting = own.emit({ type: "user.created" });
    await app.next();
    await own.close(0);
    expect(await emitting).toMatchObject({ deliveries: [cancelled] });
  });

  test("has told of what it was about to begin before it has closed", async () => {
    await using app = await startReceiver({ answers: [() => {}] });
    const { own, changes } = create(app.url);
    const emitting = own.emit({ type: "user.created" });
    await own.close(0);
    expect(changes.at(-1)).toMatchObject(cancelled);
    await emitting;
  });
});

const cancelled = { state: "failed", failedReason: "cancelled" };

interface Created {
  readonly own: OwnDeliveries;
  readonly changes: readonly Delivery[];
}

function create(url: string): Created {
  const changes: Delivery[] = [];
  const own = createOwnDeliveries({
    forwards: [parseForward(url, "--forward")],
    signingKeys,
    issuer: "http://localhost:4455",
    clock: systemClock,
    timeoutMs: 20_000,
    isInsecure: false,
    onChange: (delivery) => void changes.push(delivery),
  });
  return { own, changes };
}
