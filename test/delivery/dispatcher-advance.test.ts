import fc from "fast-check";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createScheduleClock } from "../../src/delivery/schedule-clock.ts";
import { startReceiver, type Answer, type Receiver } from "../helpers/receiver.ts";
import { ask } from "../issuer/ask.ts";
import { createTestDispatcher, start } from "./test-dispatcher.ts";

const hour = 3_600_000;

describe("moving the time ahead", () => {
  test("by steps makes the same attempts at the same times as at once, each exactly once", async () => {
    const whole = 40 * hour;
    await using refusing = await startReceiver({ answers: [500] });
    const atOnce = await play(refusing, [whole]);
    expect(atOnce.length).toBe(3 * 9);
    const cuts = fc.array(fc.integer({ min: 0, max: whole }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (given) => {
        const steps = [...given, whole].sort((a, b) => a - b);
        expect(
          await play(
            refusing,
            steps.map((at, index) => at - (steps[index - 1] ?? 0)),
          ),
        ).toEqual(atOnce);
      }),
      { numRuns: 25 },
    );
  }, 30_000);

  test("attempts nothing a millisecond too early", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    await dispatcher.send(receiver.url).attempted;
    for (const [delayMs, made] of [
      [5_000, 2],
      [30_000, 3],
      [120_000, 4],
    ] as const) {
      await dispatcher.advance(delayMs - 1);
      expect(receiver.requests).toHaveLength(made - 1);
      await dispatcher.advance(1);
      expect(receiver.requests).toHaveLength(made);
    }
  });

  test("by nothing makes what is due, and no more", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    await dispatcher.send(receiver.url).attempted;
    await dispatcher.advance(0);
    expect(receiver.requests).toHaveLength(1);
    expect(dispatcher.time.now()).toBe(start);
  });

  test("resolves when all that fell due has been answered", async () => {
    const held: ServerResponse[] = [];
    const hold: Answer = (response) => void held.push(response);
    await using receiver = await startReceiver({ answers: [500, hold] });
    await using dispatcher = createTestDispatcher();
    await dispatcher.send(receiver.url).attempted;
    await receiver.next();
    let isOver = false;
    const advancing = dispatcher.advance(5_000).then(() => (isOver = true));
    await receiver.next();
    expect(isOver).toBe(false);
    held[0]?.end();
    await advancing;
    expect(dispatcher.pending()).toEqual([]);
  });

  test("waits for the attempt under way: what it leaves to do counts from where the time stood", async () => {
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response), 200] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await receiver.next();
    const advancing = dispatcher.advance(hour);
    held[0]?.writeHead(500).end();
    await advancing;
    expect(startsOf(await sent.ended)).toEqual([start, start + 5_000]);
  });

  test("several times at once moves it by all of them, one after the other", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await Promise.all([hour, 2 * hour, 37 * hour].map((ms) => dispatcher.advance(ms)));
    expect(dispatcher.time.now()).toBe(start + 40 * hour);
    expect((await sent.ended).attempts).toHaveLength(9);
    expect(receiver.requests).toHaveLength(9);
  });

  test("makes what falls due at one moment at once, a hundred at a time", async () => {
    const held: ServerResponse[] = [];
    let isHolding = false;
    const answer: Answer = (response, { method }) => {
      if (isHolding && method === "POST") held.push(response);
      else response.writeHead(500).end();
    };
    await using receiver = await startReceiver({ answers: [answer] });
    await using dispatcher = createTestDispatcher();
    const sent = Array.from({ length: 250 }, () => dispatcher.send(receiver.url).attempted);
    await Promise.all(sent);
    for (let index = 0; index < 250; index++) await receiver.next();
    isHolding = true;
    const advancing = dispatcher.advance(5_000);
    for (let index = 0; index < 100; index++) await receiver.next();
    // Whatever was sent beside them has arrived before this is answered.
    for (let index = 0; index < 3; index++) await ask(receiver.port, "/");
    expect(held).toHaveLength(100);
    isHolding = false;
    for (const response of held) response.writeHead(500).end();
    await advancing;
    expect(dispatcher.pending()).toHaveLength(250);
    for (const delivery of dispatcher.pending()) expect(startsOf(delivery)).toEqual([start, start + 5_000]);
  });

  test("brings what runs by itself forward, and lets it run on from there", async () => {
    await using receiver = await startReceiver({ answers: [500, 500, 200] });
    const time = createScheduleClock(systemClock, 1_000);
    await using dispatcher = createTestDispatcher({ clock: systemClock, time });
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    const before = time.now();
    await dispatcher.advance(5_000);
    expect(time.now()).toBeGreaterThanOrEqual(before + 5_000);
    expect(receiver.requests.length).toBeGreaterThanOrEqual(2);
    // The third attempt comes without a call: thirty seconds in thirty milliseconds.
    expect((await sent.ended).attempts).toHaveLength(3);
  });
});

describe("calling everything off", () => {
  test("while the time moves ends that move: the time stays where it was", async () => {
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [500, (response) => void held.push(response)] });
    await using dispatcher = createTestDispatcher();
    const sent = dispatcher.send(receiver.url);
    await sent.attempted;
    await receiver.next();
    const advancing = dispatcher.advance(40 * hour);
    await receiver.next();
    await dispatcher.cancel();
    dispatcher.time.restart();
    await advancing;
    expect((await sent.ended).failedReason).toBe("cancelled");
    expect(dispatcher.time.now()).toBe(start);
    expect(receiver.requests).toHaveLength(2);
  });

  test("ends the moves that wait for their turn as well, and none that is asked for after it", async () => {
    const held: ServerResponse[] = [];
    await using receiver = await startReceiver({ answers: [(response) => void held.push(response)] });
    await using dispatcher = createTestDispatcher();
    dispatcher.send(receiver.url);
    await receiver.next();
    const moves = [dispatcher.advance(hour), dispatcher.advance(2 * hour)];
    const cancelling = dispatcher.cancel();
    dispatcher.time.restart();
    const after = dispatcher.advance(4 * hour);
    await Promise.all([...moves, cancelling, after]);
    expect(dispatcher.time.now()).toBe(start + 4 * hour);
  });

  test("leaves no timer behind", async () => {
    await using receiver = await startReceiver({ answers: [500] });
    let waiting = 0;
    const clock = {
      ...systemClock,
      wait: async (delayMs: number, signal?: AbortSignal) => {
        waiting++;
        await systemClock.wait(delayMs, signal).finally(() => waiting--);
      },
    };
    await using dispatcher = createTestDispatcher({ clock, time: createScheduleClock(clock) });
    const abort = new AbortController();
    const ends = [
      (): void => abort.abort(),
      (): void => dispatcher.endGroup("group", "disabled"),
      (): void => void dispatcher.cancel(),
      (): void => dispatcher.stop(),
    ];
    for (const end of ends) {
      const sent = dispatcher.send(receiver.url, {
        group: "group",
        signal: end === ends[0] ? abort.signal : undefined,
      });
      await sent.attempted;
      expect(waiting).toBe(1);
      end();
      await sent.ended;
      await new Promise((resolve) => setImmediate(resolve));
      expect(waiting).toBe(0);
    }
  });
});

/** Three deliveries that begin one after the other, while the time moves by these steps. @returns every attempt, as `delivery number time` */
async function play(receiver: Receiver, steps: readonly number[]): Promise<string[]> {
  await using dispatcher = createTestDispatcher();
  for (let index = 0; index < 3; index++) {
    await dispatcher.send(receiver.url).attempted;
    await dispatcher.advance(1_000);
  }
  for (const ms of steps) await dispatcher.advance(ms);
  expect(dispatcher.pending()).toEqual([]);
  expect(dispatcher.time.now()).toBe(start + 3_000 + steps.reduce((sum, ms) => sum + ms));
  return dispatcher.changes
    .filter(({ attempts }) => attempts.length > 0)
    .map(({ id, attempts }) => `${id} ${attempts.length} ${attempts.at(-1)!.startedAt}`);
}

function startsOf({ attempts }: Delivery): number[] {
  return attempts.map(({ startedAt }) => Date.parse(startedAt));
}
