/** The README's handlers on servers of their own, the mistakes it names, and what each answers then. */
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { startMockKinde } from "../../src/testing/start-mock-kinde.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { replaced } from "./replaced.ts";
import { recipes, startRecipe } from "./start-recipe.ts";

describe.each(Object.entries(recipes))("%s", (_, { app, server }) => {
  test("takes what Kinde signed, and answers 400 for a key that is not Kinde's", async () => {
    const [signed, foreign] = await deliverTo(app, server);
    expect(signed).toMatchObject({ state: "delivered", attempts: [{ status: 200 }] });
    expect(foreign).toMatchObject({
      state: "failed",
      attempts: [{ status: 400, response: { body: "Invalid token" } }],
    });
  });

  test("answers 400 when it does not name the issuer", async () => {
    const [signed] = await deliverTo(replaced(app, ", process.env.KINDE_ISSUER_URL", ""), server);
    expect(signed?.attempts[0]?.status).toBe(400);
  });
});

const parser = 'app.addContentTypeParser("application/jwt"';

test.each([
  ["Express", "with express.json()", 'express.text({ type: "application/jwt" })', "express.json()", 400],
  ["Express", "with a bare express.text()", '{ type: "application/jwt" }', "", 400],
  ["Hono", "that reads JSON", "context.req.text()", "context.req.json()", 500],
  ["Fastify", "without the parser", parser, `// ${parser}`, 415],
] as const)("%s %s answers what the README says", async (name, _, part, by, status) => {
  const { app, server } = recipes[name];
  const [signed] = await deliverTo(replaced(app, part, by), server);
  expect(signed?.attempts[0]?.status).toBe(status);
});

/** Delivers an event of the issuer that the app trusts, and one of a stranger. */
async function deliverTo(app: string, server: string): Promise<Delivery[]> {
  await using kinde = await startMockKinde({ signingKey });
  await using stranger = await startMockKinde({ signingKey: foreignKey });
  await using recipe = await startRecipe(app, server, kinde.issuer);
  return [
    await kinde.emit("user.created", { to: recipe.url }),
    await stranger.emit("user.created", { to: recipe.url }),
  ];
}
