import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createLadder, type LadderOptions } from "../../src/inspector/retry-ladder.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";

const start = Date.parse("2026-01-02T03:04:05.000Z");
const at = (ms: number): string => new Date(start + ms).toISOString();
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const failed = (number: number, startedMs: number): Delivery["attempts"][number] =>
  sampleAttempt({ number, startedAt: at(startedMs), durationMs: 0, status: 500 });

function ladderOf(delivery: Partial<Delivery>, options: Partial<LadderOptions> = {}): readonly unknown[] {
  const all = { schedule: retrySchedule, isKindes: false, now: start, ...options };
  return createLadder(sampleDelivery(delivery), all).map(({ number, at: time, state, isAbout }) => [
    number,
    time === null ? null : (Date.parse(time) - start) / second,
    state,
    ...(isAbout ? ["about"] : []),
  ]);
}

describe("of what we deliver ourselves", () => {
  test("there are the attempts that were made, the next, and those planned after it", () => {
    const attempts = [failed(1, 0), failed(2, 5 * second)];
    expect(ladderOf({ attempts, nextAttemptAt: at(35 * second) })).toEqual([
      [1, 0, "done"],
      [2, 5, "done"],
      [3, 35, "next"],
      [4, 155, "planned"],
      [5, 755, "planned"],
      [6, 4_355, "planned"],
      [7, 18_755, "planned"],
      [8, 61_955, "planned"],
      [9, 105_155, "planned"],
    ]);
  });

  test("a mock that runs faster plans faster", () => {
    const ladder = ladderOf(
      { attempts: [failed(1, 0)], nextAttemptAt: at(5) },
      { schedule: [0, 5_000, 30_000, 120_000] },
    );
    expect(ladder).toEqual([
      [1, 0, "done"],
      [2, 0.005, "next"],
      [3, 0.035, "planned"],
      [4, 0.155, "planned"],
    ]);
  });

  test("a shielded one goes by the shield's own schedule, though Kinde sent it", () => {
    const delivery = {
      direction: "relayed",
      isShielded: true,
      attempts: [failed(1, 0)],
      nextAttemptAt: at(second),
    } as const;
    expect(ladderOf(delivery, { schedule: [0, 1_000, 2_000], isKindes: true })).toEqual([
      [1, 0, "done"],
      [2, 1, "next"],
      [3, 3, "planned"],
    ]);
  });

  test("before the first answer there is the first attempt alone: it may be the only one", () => {
    expect(ladderOf({})).toEqual([[1, 0, "next"]]);
  });

  test("the last of the schedule has none behind it", () => {
    const attempts = [failed(1, 0)];
    expect(ladderOf({ attempts, nextAttemptAt: at(second) }, { schedule: [0, 1_000] })).toEqual([
      [1, 0, "done"],
      [2, 1, "next"],
    ]);
  });

  test.each(["delivered", "failed"] as const)("one that is %s has no other", (state) => {
    expect(ladderOf({ state, attempts: [failed(1, 0)] })).toEqual([[1, 0, "done"]]);
  });
});

describe("of what Kinde delivers", () => {
  const relayed = { direction: "relayed", event: null, attempts: [failed(1, 0)] } as const;

  test("what is to be expected is told as about", () => {
    const ladder = ladderOf(relayed, { isKindes: true, now: start + second });
    expect(ladder.slice(0, 4)).toEqual([
      [1, 0, "done"],
      [2, 5, "next", "about"],
      [3, 35, "planned", "about"],
      [4, 155, "planned", "about"],
    ]);
    expect(ladder).toHaveLength(9);
  });

  test("what was due while nothing listened is passed over", () => {
    const ladder = ladderOf(relayed, { isKindes: true, now: start + 3 * minute });
    expect(ladder.slice(0, 3)).toEqual([
      [1, 0, "done"],
      [2, 755, "next", "about"],
      [3, 4_355, "planned", "about"],
    ]);
  });

  test.each<[string, Partial<Delivery>, Partial<LadderOptions>]>([
    ["was signed by another than Kinde", {}, { isKindes: false }],
    ["is a copy, of which Kinde does not hear", { isCopy: true }, {}],
    [
      "was answered 204, of which nobody knows what Kinde makes",
      { attempts: [sampleAttempt({ status: 204 })] },
      {},
    ],
    ["is so old that Kinde has given it up", {}, { now: start + 40 * hour }],
  ])("nothing is expected of one that %s", (_, delivery, options) => {
    const ladder = ladderOf({ ...relayed, ...delivery }, { isKindes: true, ...options });
    expect(ladder.map((step) => (step as readonly unknown[])[2])).toEqual(["done"]);
  });

  test("nothing is expected before the first attempt has ended", () => {
    expect(ladderOf({ ...relayed, attempts: [] }, { isKindes: true })).toEqual([]);
  });
});
