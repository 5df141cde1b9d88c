/** The judge of the soak is judged: it misses nothing, and invents nothing. */
import { describe, expect, test } from "vitest";
import { breaches } from "./breaches.ts";
import { collectFacts } from "./collect-facts.ts";
import type { SeenWebhook } from "./recording-app.ts";
import type { Bounds, Facts } from "./scenario.ts";
import type { SentWebhook } from "./sender.ts";

const fine: Facts = {
  sent: 10,
  delivered: 10,
  lost: 0,
  altered: 0,
  retries: 0,
  duplicates: 0,
  doubled: 0,
  late: 0,
  answers: [502],
  isSameUrl: true,
  said: ["down", "reconnecting", "up"],
  noticedAfterMs: [10],
  backAfterMs: [10, 2_000],
};
const bounds: Bounds = {
  says: ["down", "up"],
  answers: [502],
  noticedWithinMs: 100,
  backWithinMs: 2_000,
  retries: 0,
};

describe("of a scenario", () => {
  test("in which all is well nothing is said", () => {
    expect(breaches(fine, bounds, true)).toEqual([]);
  });

  test.each<[Partial<Facts>, RegExp]>([
    [{ sent: 0, delivered: 0 }, /nothing was sent/],
    [{ delivered: 9, lost: 1 }, /1 of 10 are lost/],
    [{ altered: 1 }, /altered/],
    [{ retries: 1 }, /again/],
    [{ doubled: 1 }, /more than once/],
    [{ isSameUrl: false }, /URL/],
    [{ said: ["down"] }, /said: down/],
    [{ said: [] }, /said: nothing/],
    [{ answers: [] }, /answered 200 only/],
    [{ answers: [500, 502] }, /answered 500, 502/],
    [{ noticedAfterMs: [] }, /noticed: never/],
    [{ backAfterMs: [] }, /back: never/],
    [{ noticedAfterMs: [1, 101] }, /noticed after 101 ms, not within 100/],
    [{ backAfterMs: [2_001, 1] }, /back after 2001 ms, not within 2000/],
  ])("with %j it is told", (facts, words) => {
    const [first, ...others] = breaches({ ...fine, ...facts }, bounds, true);
    expect(first).toMatch(words);
    expect(others).toEqual([]);
  });

  test("of which nothing should be said, what is said is told", () => {
    const [first, ...others] = breaches(fine, { says: [] }, true);
    expect(first).toBe("it was said: down, reconnecting, up");
    expect(others).toEqual([]);
  });

  test("times do not count where they are not asked for", () => {
    expect(breaches({ ...fine, backAfterMs: [60_000] }, bounds, false)).toEqual([]);
  });

  test("that may deliver more than once nothing is said when it does", () => {
    expect(breaches({ ...fine, doubled: 2 }, { says: ["up"], isAtLeastOnce: true }, true)).toEqual([]);
  });
});

describe("of what was sent and what the app has", () => {
  const sent = (attempts: SentWebhook["attempts"], isAccepted: boolean): SentWebhook => ({
    id: "one",
    bodySha256: "a",
    attempts,
    isAccepted,
  });
  const has = (more: Partial<SeenWebhook>): ReadonlyMap<string, SeenWebhook> =>
    new Map([["one", { bodies: new Set(["a"]), attempts: new Map([[1, [5]]]), accepted: 1, ...more }]]);
  const accepted = sent([{ endedAt: 10, status: 200 }], true);

  test("a webhook that the sender was answered 200 for, and the app accepted, is delivered", async () => {
    expect(await collectFacts([accepted], has({}))).toEqual({
      sent: 1,
      delivered: 1,
      lost: 0,
      altered: 0,
      retries: 0,
      duplicates: 0,
      doubled: 0,
      late: 0,
      answers: [],
    });
  });

  test("one that the sender gave up is lost, whatever the app has", async () => {
    const givenUp = sent([{ endedAt: 10, status: undefined }], false);
    expect(await collectFacts([givenUp], has({}))).toMatchObject({ delivered: 0, lost: 1 });
  });

  test("statuses other than 200 are told, each once", async () => {
    const attempts = [500, undefined, 404, 500, 200].map((status) => ({ endedAt: 10, status }));
    const facts = await collectFacts([sent(attempts, true)], has({}));
    expect(facts).toMatchObject({ retries: 4, answers: [404, 500] });
  });

  test("another body is altered", async () => {
    expect(await collectFacts([accepted], has({ bodies: new Set(["b"]) }))).toMatchObject({ altered: 1 });
  });

  test("an attempt that came twice is doubled, one after its sender's end is late", async () => {
    const facts = await collectFacts([accepted], has({ attempts: new Map([[1, [5, 11]]]), accepted: 2 }));
    expect(facts).toMatchObject({ delivered: 1, doubled: 1, late: 1, duplicates: 1 });
  });
});
