import { expect, test } from "vitest";
import { describeDamage } from "../../src/cli/describe-damage.ts";
import type { Damage } from "../../src/history/damage.ts";

const file = "/project/.kinde-devhook/history/2026-01-10.0001.ndjson";

test.each<[Omit<Damage, "file">, string]>([
  [
    { reason: "damaged", lines: [3], count: 1 },
    `line 3 of ${file} can't be read and was skipped: it is no JSON`,
  ],
  [{ reason: "damaged", lines: [3, 4], count: 2 }, `lines 3 and 4 of ${file} can't be read and were skipped`],
  [{ reason: "damaged", lines: [1, 2, 3], count: 9 }, `lines 1, 2, 3 and 6 more of ${file} can't be read`],
  [{ reason: "damaged", lines: [], count: 1 }, `a line of ${file} can't be read and was skipped`],
  [{ reason: "damaged", lines: [], count: 4 }, `4 lines of ${file} can't be read and were skipped`],
  [
    { reason: "another-format", lines: [7], count: 1 },
    `line 7 of ${file} can't be read and was skipped: the format`,
  ],
  [{ reason: "another-format", lines: [], count: 0 }, `${file} can't be read and was skipped: the format`],
])("%j is named, and said to be skipped", (damage, start) => {
  const warning = describeDamage({ file, ...damage });
  expect(warning.code).toBe("WARN_HISTORY_DAMAGED");
  expect(warning.message.slice(0, start.length)).toBe(start);
});
