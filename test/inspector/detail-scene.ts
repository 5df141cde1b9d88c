/** One delivery in a real browser, with an app and a process behind it. */
import { randomBytes } from "node:crypto";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { createEvent } from "../../src/kinde/events.ts";
import type { JsonObject } from "../../src/kinde/json.ts";
import { startReceiver, type Answer, type Receiver } from "../helpers/receiver.ts";
import { openPage } from "./browser.ts";
import { startDetailPage, type DetailPage } from "./detail-page.ts";

export interface DetailScene extends AsyncDisposable {
  readonly app: Receiver;
  readonly server: DetailPage;
  /** Shows a delivery. */
  open(id: string, options?: BrowserContextOptions): Promise<Page>;
  /** What went wrong in the pages that were opened, and the user would not see. */
  mishaps(): string[];
}

export async function startDetailScene(
  browser: Browser,
  answers: readonly Answer[] = [200],
): Promise<DetailScene> {
  const app = await startReceiver({ answers });
  const server = await startDetailPage({ endpoint: app.url });
  const opened: Awaited<ReturnType<typeof openPage>>[] = [];
  return {
    app,
    server,
    open: async (id, options) => {
      const watched = await openPage(browser, `${server.url}#${id}`, {
        permissions: ["clipboard-read", "clipboard-write"],
        ...options,
      });
      opened.push(watched);
      return watched.page;
    },
    mishaps: () => opened.flatMap(({ mishaps }) => mishaps),
    [Symbol.asyncDispose]: async () => {
      for (const watched of opened) await watched[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

/** The claims of an event, with a `data` of one's own. */
export function claimsWith(data?: JsonObject): JsonObject {
  const event = createEvent("user.created", {}, { now: Date.now(), randomBytes }) as unknown as JsonObject;
  return { ...event, ...(data !== undefined && { data }) };
}

/** The field of an editor. */
export function editorOf(page: Page): Locator {
  return page.locator("dialog textarea");
}

/** What stands on the clipboard. */
export async function clipboardOf(page: Page): Promise<string> {
  return await page.evaluate<string>("navigator.clipboard.readText()");
}

/** What the element with the focus is called. */
export async function focusedName(page: Page): Promise<string> {
  return await page.evaluate<string>(
    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()",
  );
}
