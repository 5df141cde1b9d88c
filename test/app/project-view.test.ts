import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createProjectView, type ProjectView } from "../../src/app/project-view.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import type { History } from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { mockStatus } from "../helpers/mock-status.mjs";

const begun = sampleDelivery({ id: "dlv_1" });
const failedOnce: Delivery = { ...begun, attempts: [sampleAttempt({ status: 500 })] };
const delivered: Delivery = {
  ...begun,
  state: "delivered",
  attempts: [...failedOnce.attempts, sampleAttempt({ number: 2 })],
};

interface Watched extends Disposable {
  readonly view: ProjectView;
  readonly history: History;
  /** What a page was told, in order. */
  readonly told: readonly string[];
  /** Resolves when it was told of a state. */
  heard(what: string): Promise<void>;
}

function watch(): Watched {
  const history = createMemoryHistory();
  const view = createProjectView({ history, status: () => mockStatus });
  const told: string[] = [];
  const stop = view.watch({
    onDelivery: ({ id, state, attempts }) => told.push(`${id} ${state} ${attempts.length}`),
    onStatus: () => told.push("status"),
    onCleared: () => told.push("cleared"),
  });
  const heard = async (what: string): Promise<void> => {
    while (!told.includes(what)) await wait(5);
  };
  return { view, history, told, heard, [Symbol.dispose]: stop };
}

async function recent(view: ProjectView): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { id, attempts } of view.recent()) found.push(`${id} ${attempts.length}`);
  return found;
}

describe("a page hears", () => {
  test("of what this process does at once, and not again from the history", async () => {
    using page = watch();
    page.view.note(begun);
    page.view.note(failedOnce);
    await page.history.append(failedOnce);
    page.view.note(delivered);
    await page.history.append(delivered);
    await page.history.append({ ...begun, id: "dlv_2" });
    await page.heard("dlv_2 pending 0");
    expect(page.told).toEqual(["dlv_1 pending 0", "dlv_1 pending 1", "dlv_1 delivered 2", "dlv_2 pending 0"]);
  });

  test("of what other processes do, from the history", async () => {
    using page = watch();
    await page.history.append(failedOnce);
    await page.heard("dlv_1 pending 1");
    await page.history.append(delivered);
    await page.heard("dlv_1 delivered 2");
    expect(page.told).toHaveLength(2);
  });

  test("nothing of a state that is older than one that it knows", () => {
    using page = watch();
    for (const state of [delivered, failedOnce, begun]) page.view.note(state);
    expect(page.told).toEqual(["dlv_1 delivered 2"]);
  });

  test("of one that was given up, and came back all the same", () => {
    using page = watch();
    page.view.note({ ...failedOnce, state: "failed", failedReason: "abandoned" });
    page.view.note(delivered);
    expect(page.told).toEqual(["dlv_1 failed 1", "dlv_1 delivered 2"]);
  });

  test("of an attempt beyond those that a record holds", () => {
    using page = watch();
    const attemptsTo = (last: number): Delivery["attempts"] =>
      [1, ...Array.from({ length: 19 }, (_, index) => last - 18 + index)].map((number) =>
        sampleAttempt({ number }),
      );
    page.view.note({ ...begun, attempts: attemptsTo(20) });
    page.view.note({ ...begun, attempts: attemptsTo(21) });
    expect(page.told).toHaveLength(2);
  });

  test("once of what has changed about the process in one turn", async () => {
    using page = watch();
    for (let times = 0; times < 3; times++) page.view.noteStatus();
    await page.heard("status");
    expect(page.told).toEqual(["status"]);
  });

  test("that the history was cleared, and of what comes right after that", async () => {
    using page = watch();
    await page.history.append(delivered);
    await page.heard("dlv_1 delivered 2");
    await page.history.clear();
    await page.history.append({ ...delivered, id: "dlv_2" });
    await page.heard("dlv_2 delivered 2");
    expect(page.told).toEqual(["dlv_1 delivered 2", "cleared", "dlv_2 delivered 2"]);
  });

  test("again of what is under way when the history was cleared", async () => {
    using page = watch();
    page.view.note(begun);
    await page.history.append({ ...delivered, id: "dlv_2" });
    await page.heard("dlv_2 delivered 2");
    await page.history.clear();
    await page.heard("cleared");
    expect(page.told).toEqual(["dlv_1 pending 0", "dlv_2 delivered 2", "cleared", "dlv_1 pending 0"]);
  });
});

describe("what there is", () => {
  test("begins with what is under way, and has each delivery once", async () => {
    const history = createMemoryHistory();
    const view = createProjectView({ history, status: () => mockStatus });
    await history.append({ ...delivered, id: "dlv_0" });
    await history.append(failedOnce);
    view.note(begun);
    expect(await recent(view)).toEqual(["dlv_1 0", "dlv_0 2"]);
    expect(view.underWay().map(({ id }) => id)).toEqual(["dlv_1"]);
    view.note(failedOnce);
    expect(await recent(view)).toEqual(["dlv_1 1", "dlv_0 2"]);
    expect(view.underWay()).toEqual([]);
  });

  test("has one of which half a body was sent, which no history keeps", async () => {
    const view = createProjectView({ history: createMemoryHistory(), status: () => mockStatus });
    view.note({ ...failedOnce, fault: "cut-body" });
    expect(await recent(view)).toEqual(["dlv_1 1"]);
  });
});

test("nobody follows the history as long as nobody looks, and one who does however many look", () => {
  const followed: AbortSignal[] = [];
  const history: Pick<History, "read" | "follow"> = {
    ...createMemoryHistory(),
    follow: (signal) => {
      followed.push(signal);
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    },
  };
  const view = createProjectView({ history, status: () => mockStatus });
  view.note(begun);
  view.noteStatus();
  expect(followed).toEqual([]);
  const listener = { onDelivery: () => {}, onStatus: () => {}, onCleared: () => {} };
  const stops = [view.watch(listener), view.watch({ ...listener })];
  expect(followed).toHaveLength(1);
  stops[0]!();
  expect(followed[0]!.aborted).toBe(false);
  stops[1]!();
  expect(followed[0]!.aborted).toBe(true);
  view.watch(listener)();
  expect(followed).toHaveLength(2);
});

test("a history that can't be followed is told to who looks, and followed at the next look", async () => {
  const memory = createMemoryHistory();
  let isReadable = false;
  const view = createProjectView({
    history: {
      ...memory,
      follow: (...order) => {
        if (isReadable) return memory.follow(...order);
        throw new Error("too many open files");
      },
    },
    status: () => mockStatus,
  });
  const told: string[] = [];
  const listener = {
    onDelivery: ({ id }: Delivery) => told.push(id),
    onStatus: () => {},
    onCleared: () => {},
  };
  expect(() => view.watch(listener)).toThrow("too many open files");
  view.note(begun);
  expect(told).toEqual([]);
  isReadable = true;
  const stop = view.watch(listener);
  await memory.append({ ...delivered, id: "dlv_2" });
  await expect.poll(() => told).toEqual(["dlv_2"]);
  stop();
});
