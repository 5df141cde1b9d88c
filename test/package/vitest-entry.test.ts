/** `kinde-devhook/vitest` of the installed package, in a test that its user runs, on every Node there is. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPackage, type InstalledPackage } from "./installed-package.ts";
import { nodes } from "./nodes.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

const userTest = `import { InvalidOptionError } from "kinde-devhook";
import { test } from "kinde-devhook/vitest";
import { expect } from "vitest";

test("gets a webhook", async ({ kinde }) => {
  expect(process.env.KINDE_ISSUER_URL).toBe(kinde.issuer);
  const request = await kinde.createRequest("user.created");
  expect(await request.text()).toMatch(/^eyJ/);
});

test("gets an error of the library", async ({ kinde }) => {
  await expect(kinde.emit("user.created", { to: "nowhere" })).rejects.toBeInstanceOf(InvalidOptionError);
});`;

test.each(nodes)("on Node $version a test has its kinde, and its errors are the library's", ({ node }) => {
  installed.add("vitest");
  installed.write("app.test.js", userTest);
  const vitest = join(installed.app, "node_modules/vitest/vitest.mjs");
  const { stdout } = spawnSync(node, [vitest, "run", "--reporter=json"], {
    cwd: installed.app,
    encoding: "utf8",
  });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 2, numTotalTests: 2 });
});
