/** The README's tests of apps: Hono's by vitest, Express's by Node's own runner, Fastify's as the text says. */
import { expect, test } from "vitest";
import { blockWith } from "../helpers/readme.ts";
import { createReaderProject, type Run } from "./reader-project.ts";
import { replaced } from "./replaced.ts";
import { runVitest, type VitestRun } from "./run-vitest.ts";
import { testableExpress } from "./testable-express.ts";

const hono = blockWith("js", 'from "hono"');
const fastify = blockWith("js", 'from "fastify"');
const honoTest = blockWith("js", "app.request(");
const expressTest = blockWith("js", 'from "node:test"');

/** The changes that the README names. */
const fastifyTest = [
  ["server = app.listen(0);", "fastify = app;\n  address = await app.listen({ port: 0 });"],
  ["let kinde, server;", "let kinde, fastify, address;"],
  ["server?.close();", "await fastify?.close();"],
  ["`http://localhost:${server.address().port}/api/webhook`", "`${address}/api/webhook`"],
].reduce((text, [part = "", by = ""]) => replaced(text, part, by), expressTest);

const title = "takes what Kinde signed";
const refusesAll = (app: string): string => replaced(app, "event === null", "true");

test("Hono's passes under vitest, and fails for an app that takes nothing", async () => {
  expect(await runHonoTest(hono)).toEqual({ code: 0, passed: [title], failed: [] });
  expect(await runHonoTest(refusesAll(hono))).toEqual({ code: 1, passed: [], failed: [title] });
});

test.each([
  ["Express", testableExpress, expressTest],
  ["Fastify", fastify, fastifyTest],
])("%s's passes under `node --test`, and fails for an app that takes nothing", async (_, app, text) => {
  const passed = await runNodeTest(app, text);
  expect(passed.output).toMatch(/^# pass 1$/m);
  expect(passed.code).toBe(0);
  const failed = await runNodeTest(refusesAll(app), text);
  expect(failed.output).toMatch(/^# fail 1$/m);
  expect(failed.output).toContain("400 !== 200");
  expect(failed.code).toBe(1);
  // An app that can't be imported must not leave the mock running, and the run with it.
  const broken = await runNodeTest('throw new Error("no such setting");', text);
  expect(broken.output).toContain("no such setting");
  expect(broken.code).toBe(1);
});

async function runHonoTest(app: string): Promise<VitestRun> {
  using project = createReaderProject({ "app.mjs": app, "app.test.mjs": honoTest });
  return await runVitest(project);
}

async function runNodeTest(app: string, text: string): Promise<Run> {
  using project = createReaderProject({ "app.mjs": app, "app.test.mjs": text });
  return await project.run(["--test", "--test-reporter=tap"]);
}
