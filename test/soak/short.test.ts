/** What goes wrong in a few seconds: the soak's scenarios in small. Their times count in the soak alone. */
import { describe, expect, test } from "vitest";
import { breaches } from "./breaches.ts";
import { scenarios } from "./scenarios.ts";

const limitMs = 60_000;
const short = scenarios.flatMap(({ happens, bounds, short: size, run }) =>
  size === undefined ? [] : [[happens, () => run(size), bounds] as const],
);

// They wait most of the time.
describe.concurrent("no webhook is lost when", () => {
  test.each(short)("%s", { timeout: limitMs }, async (_happens, run, bounds) => {
    expect(breaches(await run(), bounds, false)).toEqual([]);
  });
});
