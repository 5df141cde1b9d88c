import { describe, expect, test } from "vitest";
import { createWebhookHealth } from "../../src/mock/webhook-health.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 2);

/** Failures at these hours, `true` for a success. @returns what each has led to */
function play(...attempts: readonly (number | readonly [hours: number, isDelivered: true])[]): boolean[] {
  const health = createWebhookHealth();
  return attempts.map((attempt) =>
    typeof attempt === "number"
      ? health.note("webhook_1", false, start + attempt * hour)
      : health.note("webhook_1", true, start + attempt[0] * hour),
  );
}

describe("a webhook has failed for too long", () => {
  test.each([
    ["at its first failure", [0], [false]],
    ["a moment before 72 hours", [0, 72 - 1e-6], [false, false]],
    ["at 72 hours", [0, 72], [false, true]],
    ["at the first failure after them, however late", [0, 29, 500], [false, false, true]],
    ["at each one after that", [0, 72, 73], [false, true, true]],
  ] as const)("%s", (_, failures, tooLong) => {
    expect(play(...failures)).toEqual(tooLong);
  });

  test("counted from the first failure after a success", () => {
    expect(play(0, 30, [71, true], 72, 143.9, 144)).toEqual([false, false, false, false, false, true]);
  });

  test("not by a success, however late", () => {
    expect(play(0, [100, true], 101)).toEqual([false, false, false]);
  });

  test("from the earliest of its failures, in whatever order they are told", () => {
    expect(play(10, 0, 72)).toEqual([false, false, true]);
  });

  test("each by itself: what is forgotten of one is none of another's", () => {
    const health = createWebhookHealth();
    for (const id of ["a", "b", "c"]) health.note(id, false, start);
    health.forget("a");
    const later = start + 72 * hour;
    expect(["a", "b"].map((id) => health.note(id, false, later))).toEqual([false, true]);
    health.forgetAll();
    expect(["b", "c"].map((id) => health.note(id, false, later))).toEqual([false, false]);
  });
});
