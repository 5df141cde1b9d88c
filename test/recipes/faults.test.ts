/** The README's handlers under every fault of the catalogue. */
import { expect, test } from "vitest";
import { faults, type Expectation } from "../../src/kinde/faults.ts";
import { openIssuer } from "../clients/local-issuer.ts";
import { findMistakes } from "../delivery/find-mistakes.ts";
import { blockWith } from "../helpers/readme.ts";
import { createReaderProject } from "./reader-project.ts";
import { replaced } from "./replaced.ts";
import { runVitest } from "./run-vitest.ts";
import { recipes, startRecipe } from "./start-recipe.ts";
import { testableExpress } from "./testable-express.ts";

test.each(Object.entries(recipes))(
  "%s answers each as the catalogue says of a correct handler",
  async (_, { app, server }) => {
    await using issuer = await openIssuer();
    await using recipe = await startRecipe(app, server, issuer.url);
    expect(await findMistakes(recipe.url)).toEqual([]);
  },
);

const table = blockWith("js", "test.for(faults)");

const titlesOf = (...expectations: readonly Expectation[]): string[] =>
  faults.filter(({ expects }) => expectations.includes(expects)).map(({ name }) => `stands '${name}'`);

test.each<[string, string, string, readonly Expectation[]]>([
  ["passes for the handler", "event === null", "event === null", []],
  ["finds a handler that takes all", "status(400)", "status(200)", ["refuse"]],
  ["finds a handler that takes nothing", "event === null", "true", ["accept"]],
])("the table of faults, as the library has it, %s", async (_, part, by, mistaken) => {
  const app = replaced(testableExpress, part, by);
  using project = createReaderProject({ "app.mjs": app, "faults.test.mjs": table });
  const { code, passed, failed } = await runVitest(project);
  expect(failed).toEqual(titlesOf(...mistaken));
  expect(passed).toHaveLength(faults.length - failed.length);
  expect(code).toBe(mistaken.length === 0 ? 0 : 1);
});
