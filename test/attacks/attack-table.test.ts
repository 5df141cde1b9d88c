import { expect, test } from "vitest";
import { attacks, attackTable } from "./attack-table.ts";

test("the table has this many rows, which is what is told of it", () => {
  const counts = Object.fromEntries(Object.entries(attackTable).map(([group, rows]) => [group, rows.length]));
  expect(counts).toEqual({
    algorithms: 76,
    keys: 51,
    tokens: 83,
    claims: 62,
    requests: 83,
    framing: 77,
    lines: 42,
    limits: 17,
    slowness: 11,
  });
  expect(attacks).toHaveLength(502);
});

test("every row has a name of its own", () => {
  const names = attacks.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
