/** Chromium, for what only a browser can show: a page of it, what went wrong there, and what axe finds. */
import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { chromiumArguments, findChromium } from "../helpers/chromium.mjs";
import { isCi } from "../helpers/ci.ts";

/** `undefined` where there is none. In CI that is an error: nothing may be skipped there. */
export const chromiumPath: string | undefined = findChromium();
if (chromiumPath === undefined && isCi) {
  throw new Error("There is no chromium, which the inspector's tests need.");
}

/** One for a test file: `describe.skipIf(chromiumPath === undefined)`, and close it at the end. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: chromiumArguments,
  });
}

export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Exceptions, errors on the console, violations of the content security policy: what a user would not see. */
  readonly mishaps: string[];
  /** URLs of all requests, WebSockets too. */
  readonly requests: string[];
}

/** A page of a profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const mishaps: string[] = [];
  const requests: string[] = [];
  context.on("page", (page) => watch(page, mishaps, requests));
  // Told on the console, where it is seen; Chromium itself says it of most kinds only.
  await context.addInitScript(
    `addEventListener("securitypolicyviolation", (event) => console.error("CSP", event.violatedDirective, event.blockedURI));`,
  );
  const page = await context.newPage();
  await page.goto(url);
  return { page, mishaps, requests, [Symbol.asyncDispose]: () => context.close() };
}

function watch(page: Page, mishaps: string[], requests: string[]): void {
  page.on("pageerror", (error) => mishaps.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") mishaps.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
}

/** What axe finds serious or critical on the page as it is, each with where; empty when all is well. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated, for the page's policy admits no script of ours.
  await page.evaluate(axe.source);
  return await page.evaluate(`axe.run().then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => \`\${id} \${target}: \${failureSummary}\`)))`);
}
