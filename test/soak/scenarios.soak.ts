/** `npm run test:soak`: the scenarios at full length, with their times. `-- -t "half-open"` runs those of a name. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { formatTable } from "../helpers/table.mjs";
import { breaches } from "./breaches.ts";
import type { Facts, Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

// What would begin later fails: a soak that takes all day is never run.
const wholeLimitMs = 20 * 60_000;

const results: { readonly happens: string; readonly facts: Facts }[] = [];

beforeEach(() => {
  if (performance.now() > wholeLimitMs) throw new Error(`not done within ${wholeLimitMs / 60_000} minutes`);
});

const define = ({ happens: name, bounds, long, limitMs: timeout, run }: Scenario): void => {
  test.each([name])("%s", { timeout }, async (happens) => {
    const facts = await run(long);
    results.push({ happens, facts });
    expect(breaches(facts, bounds, true)).toEqual([]);
  });
};

describe("no webhook is lost when", () => {
  describe.concurrent("for long", () => {
    for (const scenario of scenarios.filter(({ isPatient }) => isPatient)) define(scenario);
  });
  for (const scenario of scenarios.filter(({ isPatient }) => isPatient !== true)) define(scenario);
});

afterAll(() => {
  const columns = ["scenario", "sent", "lost", "retries", "duplicates", "late", "noticed ms", "back ms"];
  const rows = results.map(({ happens, facts }) => ({
    ...facts,
    scenario: happens,
    "noticed ms": describeTimes(facts.noticedAfterMs),
    "back ms": describeTimes(facts.backAfterMs),
  }));
  console.log(`\n${formatTable(columns, rows, columns.slice(1)).join("\n")}`);
});

/** The median and the longest. */
function describeTimes(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b).map((time) => time.toFixed(0));
  return sorted.length === 0 ? "" : `${sorted[sorted.length >> 1]}, ${sorted.at(-1)}`;
}
