import type { Page } from "playwright-core";

/** The rows that are drawn, each in one line; the latest first. */
export async function rowTexts(page: Page): Promise<string[]> {
  const texts = await page.locator(".row").allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
}

/** `12 of 60` */
export async function shownText(page: Page): Promise<string> {
  return await page.locator(".shown span").innerText();
}

/** Of the delivery that the keyboard is on; `null` when it is on none. */
export async function activeRow(page: Page): Promise<string | null> {
  return await page.locator("[role=listbox]").getAttribute("aria-activedescendant");
}

/** The page is live. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator(".live", { hasText: "live" }).waitFor();
}

/** By a wheel, so to say. */
export async function scrollList(page: Page, top: number): Promise<void> {
  await page.evaluate(`document.querySelector("[role=listbox]").scrollTop = ${top}`);
}
