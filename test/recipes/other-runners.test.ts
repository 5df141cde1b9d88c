/** Where else the README's tests pass: its claims about runners, which CI tries with what the registry has. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { blockWith, readme } from "../helpers/readme.ts";
import { writeFiles } from "./reader-project.ts";
import { createRegistryProject, installedVersion, type RegistryProject } from "./registry-project.ts";
import { replaced } from "./replaced.ts";

const vitest = installedVersion("vitest");
const runners: [title: string, packages: Record<string, string>, script: string, node?: string][] = [
  ["vitest 3.2", { vitest: "3.2.7" }, "vitest run"],
  ["vitest 4.0", { vitest: "4.0.18" }, "vitest run"],
  ["vitest 5 on Node 22", { vitest: "5.1.1" }, "vitest run", "22"],
  ["the environment jsdom", { vitest, jsdom: "29.1.1" }, "vitest run --environment=jsdom"],
  ["the environment happy-dom", { vitest, "happy-dom": "21.0.4" }, "vitest run --environment=happy-dom"],
];

/** Each test has the mock of its own maker, whatever a vitest makes of two fixtures with one name. */
const twoMakers = `
  import { expect } from "vitest";
  import { decodeToken } from "kinde-devhook";
  import { createTest, test } from "kinde-devhook/vitest";

  const later = createTest({ now: 2e12 });
  const timeOf = async (kinde) =>
    Date.parse(decodeToken(await (await kinde.createRequest("user.created")).text()).timestamp);

  test("has the time of the clock", async ({ kinde }) => {
    expect(await timeOf(kinde)).toBeLessThan(2e12);
    expect(process.env.KINDE_ISSUER_URL).toBe(kinde.issuer);
  });
  later("has the time that it was given", async ({ kinde }) => {
    expect(await timeOf(kinde)).toBe(2e12);
    expect(process.env.KINDE_ISSUER_URL).toBe(kinde.issuer);
  });
`;

const kindeWebhooks = { "@kinde/webhooks": installedVersion("@kinde/webhooks") };

const hono = blockWith("js", 'from "hono"');
/** How the README runs Jest, and what it has in Jest's configuration. */
const [, runJest = "", testMatch = ""] = /run with\s`([^`]+)` and `testMatch: ([^`]+)`/.exec(readme) ?? [];

describe.skipIf(!isCi)("the README's tests pass", { timeout: 240_000 }, () => {
  test.each(runners)("with %s", async (_, packages, testScript, node) => {
    using project = await createRegistryProject({
      ...(node !== undefined && { node }),
      files: {
        "app/api/webhook/route.ts": blockWith("ts", "export async function POST"),
        "app/api/webhook/route.test.ts": blockWith("ts", 'import("./route")'),
        "two-makers.test.mjs": twoMakers,
      },
      dependencies: { ...kindeWebhooks, ...packages },
      testScript,
    });
    const { code, output } = await project.run("npm test");
    expect(output).toMatch(/Tests +4 passed \(4\)/);
    expect(code).toBe(0);
  });

  test("and the package stands beside a vitest that is too old for its fixture, which says so", async () => {
    using project = await createRegistryProject({
      files: { "two-makers.test.mjs": twoMakers.replaceAll("later(", "test(") },
      dependencies: { vitest: "2.1.9" },
      testScript: "kinde-devhook emit user.created --print claims && vitest run",
    });
    const { code, output } = await project.run("npm test");
    expect(output).toMatch(/"event_id": "event_/);
    expect(output).toContain("needs vitest 3.2 or newer");
    expect(code).toBe(1);
  });

  describe("with Jest, as ES modules", () => {
    let project: RegistryProject;

    beforeAll(async () => {
      project = await createRegistryProject({
        files: {
          "app.test.mjs": blockWith("js", "@jest/globals"),
          "jest.config.json": `{"testMatch":${testMatch}}`,
        },
        dependencies: { ...kindeWebhooks, hono: installedVersion("hono"), jest: "30.5.2" },
        testScript: runJest,
      });
    }, 240_000);

    afterAll(() => project[Symbol.dispose]());

    test.each([
      ["for the handler", "400", "400", 2],
      ["but one for a handler that takes what anybody signed", "400", "200", 1],
      ["but one for a handler that takes nothing", "event === null", "true", 1],
    ])("%s", async (_, part, by, passed) => {
      writeFiles(project.path, { "app.mjs": replaced(hono, part, by) });
      const { code, output } = await project.run("npm test");
      expect(output).toMatch(new RegExp(`Tests: .*\\b${passed} passed, 2 total`));
      expect(code).toBe(passed === 2 ? 0 : 1);
    });
  });
});
