import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  runEmission,
  type Emission,
  type EmissionOptions,
  type EmissionPlan,
} from "../../src/app/emission.ts";
import type { Emitter } from "../../src/app/emitter.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { createHeldClock } from "../delivery/held-clock.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

const types: readonly EventType[] = ["user.created", "role.created", "user.deleted"];
const delivered = sampleDelivery({ state: "delivered", attempts: [sampleAttempt()] });
const never = new AbortController().signal;
const failed = sampleDelivery({ state: "failed", attempts: [sampleAttempt({ status: 500 })] });

describe("what is emitted", () => {
  test("comes in the order of the event types, round after round", async () => {
    const emitted: unknown[] = [];
    const request = { source: "admin", set: { a: 1 }, webhookId: "drill" } as const;
    await run(
      (asked) => {
        emitted.push(asked);
        return [delivered];
      },
      { eventTypes: types, count: 2, concurrency: 1, request },
    );
    expect(emitted).toEqual([...types, ...types].map((type) => ({ ...request, type })));
  });

  test("is as many as planned and never more at once than allowed", async () => {
    const plan = fc.record({
      eventTypes: fc.subarray([...types], { minLength: 1 }),
      count: fc.integer({ min: 1, max: 5 }),
      concurrency: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, fc.scheduler(), async ({ eventTypes, count, concurrency }, scheduler) => {
        let [running, most, begun] = [0, 0, 0];
        const emission = run(
          async () => {
            begun++;
            most = Math.max(most, ++running);
            await scheduler.schedule(Promise.resolve());
            running--;
            return [delivered];
          },
          { eventTypes, count, concurrency },
        );
        await scheduler.waitFor(emission);
        const planned = eventTypes.length * count;
        expect(begun).toBe(planned);
        // All that may run at once do.
        expect(most).toBe(Math.min(concurrency, planned));
        expect((await emission).summary.total).toBe(planned);
      }),
      { numRuns: 50 },
    );
  });

  test.each([1, 10])(
    "begins at the rate that was asked for, with a concurrency of %i",
    async (concurrency) => {
      const clock = createHeldClock(0);
      const begunAt: number[] = [];
      const emission = run(
        () => {
          begunAt.push(clock.now());
          return [delivered];
        },
        { count: 5, concurrency, perSecond: 4 },
        { clock },
      );
      await clock.advance(600);
      expect(begunAt).toEqual([0, 250, 500]);
      await clock.advance(400);
      expect(begunAt).toEqual([0, 250, 500, 750, 1000]);
      expect((await emission).summary).toMatchObject({ total: 5, perSecond: 5 });
    },
  );

  test("is told as skipped when no endpoint wants it", async () => {
    const skipped: EventType[] = [];
    const { summary } = await run(
      ({ type }) => (type === "role.created" ? [] : [delivered]),
      { eventTypes: types, count: 2, concurrency: 1 },
      { onSkipped: (type) => skipped.push(type) },
    );
    expect(skipped).toEqual(["role.created", "role.created"]);
    expect(summary.total).toBe(4);
  });
});

describe("stopped", () => {
  test("begins nothing new, and what is under way comes to its end", async () => {
    const stop = new AbortController();
    const held: (() => void)[] = [];
    const emission = run(
      async () => {
        await new Promise<void>((resolve) => held.push(resolve));
        return [delivered];
      },
      { count: 100, concurrency: 3 },
      { stop: stop.signal },
    );
    await turn();
    expect(held).toHaveLength(3);
    stop.abort();
    for (const finish of held) finish();
    expect(await emission).toMatchObject({ summary: { total: 3, delivered: 3 }, failure: undefined });
    expect(held).toHaveLength(3);
  });

  test("does not wait for the time of the next", async () => {
    const stop = new AbortController();
    const clock = createHeldClock();
    const emission = run(
      () => [delivered],
      { count: 100, concurrency: 2, perSecond: 0.1 },
      { clock, stop: stop.signal },
    );
    await clock.advance(0);
    stop.abort();
    expect(await emission).toMatchObject({ summary: { total: 1 }, failure: undefined });
    expect(clock.waiting).toBe(0);
  });

  test("before it began, it emits nothing", async () => {
    const { summary } = await run(
      () => [delivered],
      { count: 5, concurrency: 2 },
      { stop: AbortSignal.abort() },
    );
    expect(summary).toEqual({ total: 0, delivered: 0, failed: 0, perSecond: 0, p50Ms: null, p99Ms: null });
  });

  test("cut off, it tells no event as skipped", async () => {
    const [stop, abort] = [new AbortController(), new AbortController()];
    const skipped: EventType[] = [];
    const { summary } = await run(
      (_request, signal) => {
        stop.abort();
        abort.abort();
        return signal?.aborted ? [] : [delivered];
      },
      { count: 5, concurrency: 1 },
      { stop: stop.signal, abort: abort.signal, onSkipped: (type) => skipped.push(type) },
    );
    expect(summary.total).toBe(0);
    expect(skipped).toEqual([]);
  });
});

test("a failure ends it: nothing new is begun, what is under way still counts", async () => {
  const failure = new Error("the mock has gone");
  let begun = 0;
  const emission = await run(
    async () => {
      const index = begun++;
      if (index === 1) throw failure;
      await turn();
      return [delivered];
    },
    { count: 100, concurrency: 3 },
  );
  expect(emission.failure).toBe(failure);
  expect(emission.summary).toMatchObject({ total: 2, delivered: 2 });
  expect(begun).toBe(3);
});

test("a retry that fails ends the others too, whose next attempt may be hours away", async () => {
  const failure = new Error("the port is another's");
  const stopped = new AbortController();
  const untilStopped = once(stopped.signal, "abort").then(() => [failed]);
  const pending = sampleDelivery({ attempts: [sampleAttempt({ status: 500 })] });
  const ends = [Promise.reject(failure), untilStopped];
  const emission = await runEmission(
    {
      emit: () => Promise.resolve({ deliveries: [pending], ended: () => ends.shift()! }),
      stop: () => stopped.abort(),
    },
    { eventTypes: ["user.created"], count: 2, concurrency: 1, request: {} },
    { clock: createHeldClock(), stop: never, abort: never, onSkipped: () => {} },
  );
  expect(emission).toMatchObject({ failure, summary: { total: 1, failed: 1 } });
});

test("many that wait for their turn are no leak that Node warns of", async () => {
  const warnings: string[] = [];
  const hear = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", hear);
  try {
    const plan = { count: 20, concurrency: 20, perSecond: 1_000 };
    const stop = new AbortController().signal;
    await run(() => [delivered], plan, { clock: systemClock, stop });
    await turn();
  } finally {
    process.off("warning", hear);
  }
  expect(warnings).toEqual([]);
});

test("a pace is kept after a slow answer too: what was late does not bring the next nearer", async () => {
  const clock = createHeldClock();
  const startedAt = clock.now();
  const begun: number[] = [];
  const emission = run(
    async () => {
      begun.push(clock.now() - startedAt);
      if (begun.length === 1) await clock.wait(3_000);
      return [delivered];
    },
    { count: 4, concurrency: 1, perSecond: 10 },
    { clock },
  );
  await clock.advance(4_000);
  await emission;
  expect(begun).toEqual([0, 3_000, 3_100, 3_200]);
});

describe("the summary", () => {
  test("counts deliveries, not events, and tells delivered from failed", async () => {
    const { summary } = await run(() => [delivered, failed, delivered], { count: 4, concurrency: 2 });
    expect(summary).toMatchObject({ total: 12, delivered: 8, failed: 4 });
  });

  test.each<[string, number[], number | null, number | null]>([
    ["nothing", [], null, null],
    ["one", [7.26], 7.3, 7.3],
    ["two", [20, 10], 10, 20],
    ["a hundred", Array.from({ length: 100 }, (_, index) => 100 - index), 50, 99],
    ["two hundred", Array.from({ length: 200 }, (_, index) => index + 1), 100, 198],
  ])("has the nearest-rank percentiles of %s", async (_, durations, p50Ms, p99Ms) => {
    const deliveries = durations.map((durationMs) =>
      sampleDelivery({ attempts: [sampleAttempt({ durationMs })] }),
    );
    const { summary } = await run(() => deliveries, { count: 1, concurrency: 1 });
    expect(summary).toMatchObject({ p50Ms, p99Ms });
  });

  test("has deliveries per second of the clock", async () => {
    const clock = createHeldClock();
    const emission = run(
      async () => {
        await clock.wait(400);
        return [delivered];
      },
      { count: 2, concurrency: 1 },
      { clock },
    );
    await clock.advance(800);
    expect((await emission).summary.perSecond).toBe(2.5);
  });
});

type Emit = (
  ...parameters: Parameters<Emitter["emit"]>
) => readonly Delivery[] | Promise<readonly Delivery[]>;

async function run(
  emit: Emit,
  plan: Partial<EmissionPlan>,
  options: Partial<EmissionOptions> = {},
): Promise<Emission> {
  const emitter: Emitter = {
    issuer: "http://localhost:4455",
    hasServedJwks: () => undefined,
    emit: async (request, signal) => {
      const deliveries = await emit(request, signal);
      return { deliveries, ended: () => Promise.resolve(deliveries) };
    },
    stop: () => {},
    close: () => Promise.resolve(),
  };
  return await runEmission(
    emitter,
    { eventTypes: ["user.created"], count: 1, concurrency: 1, request: {}, ...plan },
    { clock: createHeldClock(), stop: never, abort: never, onSkipped: () => {}, ...options },
  );
}
