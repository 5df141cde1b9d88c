/**
 * The README's section "What it survives": its rows are the soak's scenarios and the bounds that they are held to.
 * `npx vitest run --config test/vitest.config.ts test/soak/survives -u` writes the table anew.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatTable, replaceBlock } from "../fidelity/markdown.ts";
import { scenarios } from "./scenarios.ts";
import { survivesHeads, survivesRow } from "./survives-table.ts";

test("the table in the README is that of the soak's scenarios", async () => {
  const table = formatTable(survivesHeads, scenarios.map(survivesRow));
  const written = replaceBlock(readFileSync("README.md", "utf8"), "scenarios", table, "survives");
  await expect(written).toMatchFileSnapshot("../../README.md");
});

test("no two scenarios have one name", () => {
  const names = scenarios.map(({ happens }) => happens);
  expect(new Set(names).size).toBe(names.length);
});
