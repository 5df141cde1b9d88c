/** What the README says of answers is the table of hints. */
import { expect, test } from "vitest";
import { hints } from "../src/delivery/hints.ts";
import { formatTable } from "./fidelity/markdown.ts";
import { section } from "./helpers/readme.ts";

test("the table of hints is the code's", () => {
  const rows = hints.map(({ answer, meaning }) => [answer, meaning]);
  expect(section("hints").trim()).toBe(formatTable(["the app answers", "what it usually means"], rows));
});
