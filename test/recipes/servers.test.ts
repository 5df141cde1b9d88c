/** The README's handlers on servers of their own, the mistakes it names, and what each answers then. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { waitForApp } from "../../src/app/wait-for-app.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { startMockKinde } from "../../src/testing/start-mock-kinde.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { blockWith, withOwnPorts } from "../helpers/readme.ts";
import { createReaderProject } from "./reader-project.ts";
import { replaced } from "./replaced.ts";
import { testableExpress } from "./testable-express.ts";

const recipes = {
  Express: { app: testableExpress, server: blockWith("js", 'from "./app.mjs";\n\napp.listen') },
  Hono: { app: blockWith("js", 'from "hono"'), server: blockWith("js", "serve({") },
  Fastify: { app: blockWith("js", 'from "fastify"'), server: blockWith("js", "await app.listen(") },
};

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

/** Starts the files as a reader does, and delivers an event of the issuer that they trust, and one of a stranger. */
async function deliverTo(app: string, server: string): Promise<Delivery[]> {
  await using kinde = await startMockKinde({ signingKey });
  await using stranger = await startMockKinde({ signingKey: foreignKey });
  const port = await findFreePort();
  using project = createReaderProject({ "app.mjs": app, "server.mjs": withOwnPorts(server, port, 0) });
  const child = spawn(process.execPath, ["server.mjs"], {
    cwd: project.path,
    env: { PATH: process.env["PATH"], KINDE_ISSUER_URL: kinde.issuer },
    stdio: "ignore",
  });
  const ended = once(child, "close");
  try {
    const to = new URL(`http://localhost:${port}/api/webhook`);
    const gone = new AbortController();
    void ended.then(() => gone.abort(new Error("the server has ended")));
    await waitForApp(to, { limitMs: 20_000, clock: systemClock, signal: gone.signal });
    return [await kinde.emit("user.created", { to }), await stranger.emit("user.created", { to })];
  } finally {
    child.kill();
    await ended;
  }
}
