import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openPage } from "./browser.ts";
import { shownText } from "./rows.ts";
import { sampleSummaries } from "./samples.ts";
import { startStandInProcess } from "./stand-in-process.ts";

let browser: Browser;

describe.skipIf(chromiumPath === undefined)("the inspector's filters", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test.each([1280, 900, 400])("has room for all that the search says of itself, at %i px", async (width) => {
    // A long type makes its select as wide as it gets.
    const event = { id: "event_1", source: "api", timestamp: "2026-01-02T03:04:05.000Z" };
    const type = "user.authentication_failed";
    const deliveries = sampleSummaries(60, () => ({ event: { ...event, type } }));
    await using process = await startStandInProcess({ deliveries });
    await using opened = await openPage(browser, process.url, { viewport: { width, height: 800 } });
    const { page } = opened;
    await expect.poll(() => shownText(page)).toBe("60 of 60");
    const room = await page.evaluate<number>(`(() => {
      const input = document.querySelector(".search > input");
      const { font, paddingLeft, paddingRight } = getComputedStyle(input);
      const drawing = document.createElement("canvas").getContext("2d");
      drawing.font = font;
      const text = drawing.measureText(input.placeholder).width;
      return input.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - text;
    })()`);
    expect(room).toBeGreaterThan(0);
  });
});
