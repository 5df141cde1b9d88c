/** What the README and the changelog say of faults is the catalogue. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faults, type Expectation } from "../src/kinde/faults.ts";
import { formatTable } from "./fidelity/markdown.ts";
import { section } from "./helpers/readme.ts";

const answers: Readonly<Record<Expectation, string>> = {
  accept: "200",
  refuse: "4xx",
  either: "200 or 4xx",
};

test("the table of faults is the catalogue", () => {
  const heads = ["fault", "what is wrong", "a correct handler", "answer"];
  const rows = faults.map(({ name, does, handler, expects }) => [
    `\`${name}\``,
    does,
    handler,
    answers[expects],
  ]);
  expect(section("faults").trim()).toBe(formatTable(heads, rows));
});

test("the changelog has the number of faults", () => {
  expect(readFileSync("CHANGELOG.md", "utf8")).toContain(`\`--fault\`: ${faults.length} ways`);
});
