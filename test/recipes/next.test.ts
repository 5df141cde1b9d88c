/** The README's Next.js handler and its test, and the mistakes that the test is to find. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { blockWith } from "../helpers/readme.ts";
import { createReaderProject } from "./reader-project.ts";
import { replaced } from "./replaced.ts";
import { runVitest, type VitestRun } from "./run-vitest.ts";

const route = blockWith("ts", "export async function POST");
const routeTest = blockWith("ts", 'import("./route")');
const jwksRsaRoute = readFileSync("test/recipes/jwks-rsa-route.mjs", "utf8");
const [takes, refuses] = ["takes what Kinde signed", "refuses what somebody else signed"];

test("the test passes for the handler, with Kinde's own package", async () => {
  expect(await runRouteTest(route)).toEqual({ code: 0, passed: [takes, refuses], failed: [] });
});

test.each([
  ["verifies nothing", "event === null", "false", [takes], [refuses]],
  ["does not name the issuer", ", process.env.KINDE_ISSUER_URL", "", [refuses], [takes]],
  ["reads JSON", "request.text()", "request.json()", [], [takes, refuses]],
  ["answers 204", 'new Response("ok")', "new Response(null, { status: 204 })", [refuses], [takes]],
])("the test fails for a handler that %s", async (_, part, by, passed, failed) => {
  expect(await runRouteTest(replaced(route, part, by))).toEqual({ code: 1, passed, failed });
});

describe("with a client that is made while the module loads", () => {
  test("the test passes as it stands", async () => {
    expect(await runRouteTest(jwksRsaRoute)).toEqual({ code: 0, passed: [takes, refuses], failed: [] });
  });

  test("it fails when the handler is imported at the top of the file, where no issuer is named yet", async () => {
    const inTest = '  const { POST } = await import("./route");\n';
    const atTop = replaced(replaced(routeTest, inTest, ""), inTest, "");
    expect(await runRouteTest(jwksRsaRoute, `import { POST } from "./route";\n${atTop}`)).toEqual({
      code: 1,
      passed: [refuses],
      failed: [takes],
    });
  });
});

async function runRouteTest(handler: string, text: string = routeTest): Promise<VitestRun> {
  using project = createReaderProject({
    "app/api/webhook/route.ts": handler,
    "app/api/webhook/route.test.ts": text,
  });
  return await runVitest(project);
}
