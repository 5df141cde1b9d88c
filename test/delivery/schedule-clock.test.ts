import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHeldScheduleClock, createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { createHeldClock } from "./held-clock.ts";

const start = Date.UTC(2026, 0, 2);
const never = new AbortController().signal;

describe("a schedule clock", () => {
  test.each([0.5, 1, 60, 3_600, 1_000_000])("runs %d times as fast as the clock", async (speed) => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock, speed);
    expect(time.now()).toBe(start);
    await clock.advance(10_000);
    expect(time.now()).toBe(start + 10_000 * speed);
  });

  test("moves ahead by hand, and runs on from there; never back", async () => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock, 2);
    time.moveTo(start + 5_000);
    expect(time.now()).toBe(start + 5_000);
    time.moveTo(start + 4_999);
    expect(time.now()).toBe(start + 5_000);
    await clock.advance(1_000);
    expect(time.now()).toBe(start + 7_000);
    time.moveTo(start + 6_000);
    expect(time.now()).toBe(start + 7_000);
  });

  test("is as if just made after a restart", async () => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock, 60);
    await clock.advance(1_000);
    time.moveTo(start + 72 * 3_600_000);
    time.restart();
    expect(time.now()).toBe(clock.now());
    await clock.advance(1_000);
    expect(time.now()).toBe(start + 1_000 + 60_000);
  });

  test("says when a moment of it comes on the clock, and the other way round", () => {
    const moves = fc.array(fc.nat(100_000), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), moves, fc.nat(1_000_000), (speed, byMs, inMs) => {
        const clock = createHeldClock(start);
        const time = createScheduleClock(clock, speed);
        for (const ms of byMs) time.moveTo(time.now() + ms);
        expect(time.timeAt(clock.now())).toBe(time.now());
        expect(time.clockTimeOf(time.now())).toBe(clock.now());
        expect(time.clockTimeOf(time.timeAt(clock.now() + inMs))).toBeCloseTo(clock.now() + inMs, 2);
      }),
    );
  });

  test("waits until the moment has come, at its speed", async () => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock, 60);
    const waited = waitFor(time.wait(start + 60_000, never));
    await clock.advance(999);
    expect(waited.isOver).toBe(false);
    await clock.advance(1);
    expect(waited.isOver).toBe(true);
  });

  test.each([start, start - 1])("does not wait for what has come: %i", async (until) => {
    const clock = createHeldClock(start);
    await createScheduleClock(clock).wait(until, never);
    expect(clock.waiting).toBe(0);
  });

  test("looks again now and then: a machine that slept finds what fell due meanwhile", async () => {
    // The time goes on while the machine sleeps, and a timer of twelve hours has not moved.
    let asleepMs = 0;
    const clock = createHeldClock(start);
    const machine = { ...clock, now: () => clock.now() + asleepMs };
    const time = createScheduleClock(machine);
    const waited = waitFor(time.wait(start + 12 * 3_600_000, never));
    await clock.advance(60_000);
    expect(waited.isOver).toBe(false);
    asleepMs = 13 * 3_600_000;
    await clock.advance(30_000);
    expect(waited.isOver).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test("what waits hears of a move ahead when it looks again", async () => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock);
    const waited = waitFor(time.wait(start + 3_600_000, never));
    time.moveTo(start + 3_600_000);
    await clock.advance(30_000);
    expect(waited.isOver).toBe(true);
  });

  test("a wait ends with its signal's reason, before and while it waits, and leaves no timer", async () => {
    const clock = createHeldClock(start);
    const time = createScheduleClock(clock);
    const reason = new Error("enough");
    await expect(time.wait(start, AbortSignal.abort(reason))).rejects.toBe(reason);
    const abort = new AbortController();
    const waiting = time.wait(start + 1, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(clock.waiting).toBe(0);
  });
});

describe("a held schedule clock", () => {
  test("stands still until it is moved, and never goes back", () => {
    const time = createHeldScheduleClock(start);
    expect(time.now()).toBe(start);
    time.moveTo(start + 5);
    time.moveTo(start + 3);
    expect(time.now()).toBe(start + 5);
    time.restart();
    expect(time.now()).toBe(start);
  });

  test("has one time for both: a moment of it is that of the clock", () => {
    const time = createHeldScheduleClock(start);
    expect([time.clockTimeOf(start + 7), time.timeAt(start + 7)]).toEqual([start + 7, start + 7]);
  });

  test("waits for what has come, and for nothing else but its signal", async () => {
    const time = createHeldScheduleClock(start);
    await time.wait(start, never);
    const abort = new AbortController();
    const reason = new Error("enough");
    const waiting = time.wait(start + 1, abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(time.wait(start + 1, abort.signal)).rejects.toBe(reason);
  });
});

function waitFor(waiting: Promise<void>): { readonly isOver: boolean } {
  const state = { isOver: false };
  void waiting.then(() => (state.isOver = true));
  return state;
}
