import { describe, expect, test } from "vitest";
import { settleWithin, systemClock, unlessAborted } from "../../src/delivery/clock.ts";
import { createHeldClock } from "./held-clock.ts";

describe("the system's clock", () => {
  test("waits at least as long as it was told", async () => {
    const startedAt = performance.now();
    await systemClock.wait(30);
    // A timer counts whole milliseconds.
    expect(performance.now() - startedAt).toBeGreaterThan(28);
  });

  test("rejects with the signal's reason, whenever that comes", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const waiting = systemClock.wait(3_600_000, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(systemClock.wait(0, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("settleWithin", () => {
  test("resolves once all work has settled, well or badly, and waits no more", async () => {
    const clock = createHeldClock();
    const steps: string[] = [];
    let finish = (): void => {};
    const last = new Promise<void>((resolve) => (finish = resolve));
    const settled = settleWithin([last, Promise.reject(new Error("failed"))], 1_000, clock).then(() =>
      steps.push("settled"),
    );
    await clock.advance(999);
    steps.push("last work");
    finish();
    await settled;
    expect(steps).toEqual(["last work", "settled"]);
    expect(clock.waiting).toBe(0);
  });

  test("resolves at its limit when work goes on", async () => {
    const clock = createHeldClock();
    const settled = settleWithin([new Promise(() => {})], 1_000, clock);
    await clock.advance(1_000);
    await expect(settled).resolves.toBeUndefined();
  });

  test("resolves at once without work", async () => {
    const clock = createHeldClock();
    await settleWithin([], 1_000, clock);
    expect(clock.waiting).toBe(0);
  });
});

describe("work that a signal may come before", () => {
  test("gives what it comes to, or its failure", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
  });

  test("is not waited for once the signal has come, or when it came before", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const waiting = unlessAborted(new Promise(() => {}), abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(unlessAborted(Promise.resolve(7), abort.signal)).rejects.toBe(reason);
  });
});
