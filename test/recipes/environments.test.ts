/** Test environments whose globals are not Node's own. */
import { URL as NodeUrl } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { startMockKinde } from "../../src/testing/start-mock-kinde.ts";
import { signingKey } from "../helpers/keys.ts";
import { blockWith } from "../helpers/readme.ts";
import { createReaderProject } from "./reader-project.ts";
import { runVitest } from "./run-vitest.ts";

afterEach(() => vi.unstubAllGlobals());

// In a vm context of Node 20 there is no Symbol.asyncDispose.
test.each(["threads", "vmThreads", "vmForks"])("the fixture works in vitest's pool %s", async (pool) => {
  using project = createReaderProject({
    "app/api/webhook/route.ts": blockWith("ts", "export async function POST"),
    "app/api/webhook/route.test.ts": blockWith("ts", 'import("./route")'),
  });
  const { code, passed } = await runVitest(project, [`--pool=${pool}`]);
  expect(passed).toHaveLength(2);
  expect(code).toBe(0);
});

test("a URL may be of another class than the environment's own", async () => {
  vi.stubGlobal("URL", class extends NodeUrl {});
  await using kinde = await startMockKinde({ signingKey });
  const url = new NodeUrl("http://localhost:3000/hooks");
  expect((await kinde.createRequest("user.created", { url })).url).toBe(url.href);
});
