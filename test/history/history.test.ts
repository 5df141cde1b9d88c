import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { History } from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { createTemporaryHistory } from "./temporary-history.ts";

const all = { limit: 1_000 };

/** What every history promises, wherever it keeps deliveries. */
describe.each([
  ["in a file", fileHistory],
  ["in memory", memoryHistory],
])("a history %s", (_, create) => {
  test("has nothing before the first delivery", async () => {
    await using history = create();
    expect(await history.list(all)).toEqual([]);
    expect(await history.get("dlv_1")).toBeUndefined();
  });

  test("gives a delivery back as it was, characters of every kind included", async () => {
    await using history = create();
    const delivery = sampleDelivery({
      attempts: [
        sampleAttempt({
          response: { headers: { "x-é": "€" }, body: "a\nb\r\u2028😀\0\\n", truncated: false },
        }),
      ],
    });
    await history.append(delivery);
    expect(await history.get(delivery.id)).toEqual(delivery);
    expect(await history.list(all)).toEqual([delivery]);
  });

  test("has one delivery once, in its latest state", async () => {
    await using history = create();
    const pending = sampleDelivery();
    const delivered = sampleDelivery({ state: "delivered", attempts: [sampleAttempt()] });
    await history.append(pending);
    await history.append(delivered);
    expect(await history.get(pending.id)).toEqual(delivered);
    expect(await history.list(all)).toEqual([delivered]);
  });

  test("lists those that hold a text, in their latest state", async () => {
    await using history = create();
    const [first, second] = ["event_a", "event_b"].map((id) =>
      sampleDelivery({ id: `dlv_${id}`, event: { ...sampleDelivery().event!, id } }),
    );
    for (const delivery of [first!, second!, { ...first!, state: "delivered" as const }]) {
      await history.append(delivery);
    }
    const where = ({ event }: Delivery): boolean => event?.id === "event_a";
    expect(await history.list({ limit: 10, where, containing: '"event_a"' })).toEqual([
      { ...first, state: "delivered" },
    ]);
  });

  test("lists what changed last first, and no more than asked for", async () => {
    await using history = create();
    for (const id of ["a", "b", "c", "a"]) await history.append(sampleDelivery({ id }));
    expect(idsOf(await history.list(all))).toEqual(["a", "c", "b"]);
    expect(idsOf(await history.list({ limit: 2 }))).toEqual(["a", "c"]);
  });

  test("lists only what is looked for, by its latest state, and as many of those as asked for", async () => {
    await using history = create();
    for (const id of ["a", "b", "c", "d", "e"]) await history.append(sampleDelivery({ id }));
    for (const id of ["b", "d"]) await history.append(sampleDelivery({ id, state: "failed" }));
    const where = ({ state }: Delivery): boolean => state === "pending";
    expect(idsOf(await history.list({ ...all, where }))).toEqual(["e", "c", "a"]);
    // The limit counts what was found, not what was looked at.
    expect(idsOf(await history.list({ limit: 2, where }))).toEqual(["e", "c"]);
    expect(idsOf(await history.list({ limit: 0, where }))).toEqual([]);
    expect(await history.list({ ...all, where: () => false })).toEqual([]);
  });

  test("is followed from the call on: each state as it comes, in its order", async () => {
    await using history = create();
    await history.append(sampleDelivery({ id: "before" }));
    const ended = new AbortController();
    const followed = history.follow(ended.signal)[Symbol.asyncIterator]();
    const states = ["a", "b", "a", "c"].map((id, index) =>
      sampleDelivery({ id, endpoint: `http://${index}/` }),
    );
    // Nobody has asked for the first one yet.
    for (const state of states) await history.append(state);
    for (const state of states) expect(await followed.next()).toEqual({ done: false, value: state });
    const waiting = followed.next();
    await history.append(sampleDelivery({ id: "later" }));
    expect(await waiting).toMatchObject({ value: { id: "later" } });
    ended.abort();
    expect(await followed.next()).toEqual({ done: true, value: undefined });
  });

  test("is followed by several, each at its own pace", async () => {
    await using history = create();
    const ended = new AbortController();
    const followers = [1, 2].map(() => history.follow(ended.signal)[Symbol.asyncIterator]());
    for (const id of ["a", "b"]) await history.append(sampleDelivery({ id }));
    for (const follower of followers) {
      for (const id of ["a", "b"]) expect(await follower.next()).toMatchObject({ value: { id } });
    }
    ended.abort();
  });

  test("is followed no longer once the signal has come, however long nothing has", async () => {
    await using history = create();
    const ended = new AbortController();
    const waiting = history.follow(ended.signal)[Symbol.asyncIterator]().next();
    ended.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await history.append(sampleDelivery());
    expect(await history.follow(ended.signal)[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  test("is cleared, and goes on", async () => {
    await using history = create();
    for (const id of ["a", "b"]) await history.append(sampleDelivery({ id }));
    await history.clear();
    expect(await history.list(all)).toEqual([]);
    expect(await history.get("a")).toBeUndefined();
    await history.append(sampleDelivery({ id: "c" }));
    expect(idsOf(await history.list(all))).toEqual(["c"]);
  });

  test("lists what has changed since a time", async () => {
    await using history = create();
    const at = (id: string, createdAt: string): Delivery => sampleDelivery({ id, createdAt });
    await history.append(at("a", "2026-01-02T03:04:05.000Z"));
    await history.append(at("b", "2026-01-02T03:04:06.000Z"));
    await history.append({
      ...at("c", "2026-01-02T03:04:04.000Z"),
      attempts: [sampleAttempt({ startedAt: "2026-01-02T03:04:05.500Z", durationMs: 500 })],
    });
    for (const [since, ids] of [
      ["2026-01-02T03:04:05.000Z", ["c", "b", "a"]],
      ["2026-01-02T03:04:05.001Z", ["c", "b"]],
      ["2026-01-02T03:04:06.001Z", []],
    ] as const) {
      expect(idsOf(await history.list({ ...all, since: Date.parse(since) }))).toEqual(ids);
    }
    for (const since of [-Infinity, -1e300, 0]) expect(await history.list({ ...all, since })).toHaveLength(3);
    for (const since of [1e300, Infinity]) expect(await history.list({ ...all, since })).toEqual([]);
  });

  test("lists exactly what was appended, whatever that was", async () => {
    const change = fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      endpoint: fc.string({ unit: "binary" }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change), async (changes) => {
        await using history = create();
        for (const members of changes) await history.append(sampleDelivery(members));
        expect(await history.list(all)).toEqual(lastStates(changes.map(sampleDelivery)));
      }),
      { numRuns: 50 },
    );
  });
});

/** The last state of every delivery, the latest change first. */
function lastStates(changes: readonly Delivery[]): Delivery[] {
  const newestFirst = changes.toReversed();
  return newestFirst.filter(({ id }, index) => newestFirst.findIndex((other) => other.id === id) === index);
}

function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ id }) => id);
}

function fileHistory(): History & AsyncDisposable {
  const temporary = createTemporaryHistory();
  // Small segments, so that what is told here holds over several files.
  const history = temporary.open({ segmentBytes: 1_000 });
  return { ...history, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}

function memoryHistory(): History & AsyncDisposable {
  const history = createMemoryHistory();
  return { ...history, [Symbol.asyncDispose]: () => history.close() };
}
