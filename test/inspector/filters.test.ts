import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliverySummary } from "../../src/inspector/protocol.ts";
import { chromiumPath, openBrowser, openPage } from "./browser.ts";
import { rowTexts, shownText } from "./rows.ts";
import { sampleSummaries, sampleSummary } from "./samples.ts";
import { startStandInProcess } from "./stand-in-process.ts";

let browser: Browser;

describe.skipIf(chromiumPath === undefined)("the inspector's filters", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("finds with one chip what went wrong: also what Kinde tries again, and a fault that the app took", async () => {
    const answered = (status: number | null): DeliverySummary["latest"] => ({
      status,
      error: null,
      durationMs: 3,
    });
    const members: Record<number, Partial<DeliverySummary>> = {
      1: { direction: "relayed", state: "pending", latest: answered(400) },
      2: { direction: "relayed", state: "pending", attempts: 0, latest: null },
      3: { state: "failed", failedReason: "not_delivered", latest: answered(null) },
      4: { fault: "bad-signature", verdict: "fail" },
      5: { fault: "bad-signature", verdict: "pass", state: "failed", latest: answered(401) },
    };
    const deliveries = sampleSummaries(6, (n) => members[n] ?? {});
    await using process = await startStandInProcess({ deliveries });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await expect.poll(() => shownText(page)).toBe("6 of 6");
    expect((await page.locator(".chip").allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "))).toEqual(
      ["Went wrong 3", "Delivered 2", "Failed 2", "Pending 2"],
    );
    await page.getByRole("button", { name: "Went wrong" }).click();
    expect(await rowTexts(page)).toEqual([
      expect.stringContaining("person-4@"),
      expect.stringContaining("person-3@"),
      expect.stringContaining("person-1@"),
    ]);
    await page.getByRole("button", { name: "Pending" }).click();
    expect(await rowTexts(page)).toEqual([expect.stringMatching(/^pending user\.created relayed .* 400/)]);
    await page.getByRole("button", { name: "Show all" }).click();
    expect(await shownText(page)).toBe("6 of 6");
  });

  test("leaves the search by Enter for a list that opens nothing which is not listed", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(12) });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("/");
    await page.keyboard.type("person-7@");
    await expect.poll(() => shownText(page)).toBe("1 of 12");
    // With it an input method takes a word over.
    await page.evaluate(`document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))`);
    expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("Search deliveries");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.role")).toBe("listbox");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain("#dlv_");
    expect(page.url()).toContain(sampleSummary(7).id);
    expect(await page.evaluate("history.length")).toBe(3);
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
