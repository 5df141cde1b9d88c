/** The README's handlers under every fault of the catalogue. */
import { expect, test } from "vitest";
import { openIssuer } from "../clients/local-issuer.ts";
import { findMistakes } from "../delivery/find-mistakes.ts";
import { recipes, startRecipe } from "./start-recipe.ts";

test.each(Object.entries(recipes))(
  "%s answers each as the catalogue says of a correct handler",
  async (_, { app, server }) => {
    await using issuer = await openIssuer();
    await using recipe = await startRecipe(app, server, issuer.url);
    expect(await findMistakes(recipe.url)).toEqual([]);
  },
);
