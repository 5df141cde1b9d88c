import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeenIds } from "../../src/history/seen-ids.ts";

const zeros = "0".repeat(32);

test("knows exactly the ids that were added, and the lines that begin with them", () => {
  const digits = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex")),
    // Ids that differ in one place only.
    fc.nat(300).map((number) => number.toString(16).padStart(32, "0")),
    fc.nat(300).map((number) => number.toString(16).padEnd(32, "0")),
  );
  const ids = fc.array(
    digits.map((text) => `dlv_${text}`),
    { maxLength: 2_000 },
  );
  fc.assert(
    fc.property(ids, ids, (added, others) => {
      const seen = createSeenIds();
      const expected = new Set<string>();
      for (const id of added) {
        expect(seen.add(id)).toBe(!expected.has(id));
        expected.add(id);
      }
      for (const id of [...added, ...others]) {
        expect(seen.hasIdOf(lineOf(id))).toBe(expected.has(id) && id !== `dlv_${zeros}`);
      }
    }),
    { numRuns: 40 },
  );
});

test("tells a hundred thousand apart", () => {
  const seen = createSeenIds();
  const idOf = (number: number): string => `dlv_${number.toString(16).padStart(32, "0")}`;
  for (let number = 0; number < 100_000; number++) expect(seen.add(idOf(number))).toBe(true);
  for (let number = 0; number < 100_000; number++) expect(seen.add(idOf(number))).toBe(false);
  expect(seen.add(idOf(100_000))).toBe(true);
});

test.each([
  ["all zeros", `dlv_${zeros}`],
  ["in capitals", `dlv_${"AB".repeat(16)}`],
  ["too short", "dlv_0"],
  ["too long", `dlv_${zeros}0`],
  ["of other letters", `dlv_${"g".repeat(32)}`],
  ["empty", ""],
  ["beyond ASCII", "dlv_€"],
])("an id that is %s is known once it was added", (_, id) => {
  const seen = createSeenIds();
  expect(seen.add(id)).toBe(true);
  expect(seen.add(id)).toBe(false);
  expect(seen.add(`dlv_${"ab".repeat(16)}`)).toBe(true);
});

test.each([
  ["another member first", `{"direction":"emitted","id":"dlv_${"ab".repeat(16)}"}`],
  ["a longer id", `{"id":"dlv_${"ab".repeat(16)}0"}`],
  ["an id in capitals", `{"id":"dlv_${"AB".repeat(16)}"}`],
  ["no more than an id's beginning", `{"id":"dlv_abab`],
  ["nothing", ""],
])("a line with %s is not taken for one that was met", (_, line) => {
  const seen = createSeenIds();
  seen.add(`dlv_${"ab".repeat(16)}`);
  expect(seen.hasIdOf(Buffer.from(line))).toBe(false);
});

function lineOf(id: string): Buffer {
  return Buffer.from(`{"id":"${id}","direction":"emitted"}`);
}
