import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, findBarriers, openBrowser, openPage } from "./browser.ts";
import { rowTexts, scrollList, untilLive } from "./rows.ts";
import { sampleSummaries, sampleSummary } from "./samples.ts";
import { startStandInProcess } from "./stand-in-process.ts";

const maxBytes = 60 * 1024;

test("the inspector is sent in 60 KB at most", () => {
  const files = readdirSync("dist/inspector").map((name) => readFileSync(`dist/inspector/${name}`));
  expect(files.length).toBeGreaterThanOrEqual(3);
  const bytes = files.map((file) => gzipSync(file).length).reduce((sum, length) => sum + length, 0);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
});

let browser: Browser;

describe.skipIf(chromiumPath === undefined)("the inspector", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("shows markup as the text that it is", async () => {
    const script = `<script>document.title = "owned"</script>`;
    const image = `<img src=x onerror="document.title = 'owned'">`;
    const link = "javascript:document.title='owned'";
    const event = { type: script, id: image, source: null, timestamp: "2026-01-02T03:04:05.000Z" };
    const delivery = sampleSummary(1, { event, about: [image, "\u202Egnp.exe"], endpoint: link });
    await using process = await startStandInProcess({
      deliveries: [delivery],
      status: { apps: [{ origin: image, isListening: false }] },
    });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await untilLive(page);
    await page.locator(".row").click();
    expect(await rowTexts(page)).toEqual([expect.stringContaining(script)]);
    expect(await page.locator(".row").innerText()).toContain(image);
    expect(await page.locator(".health").innerText()).toContain(image);
    expect(await page.locator("img, a[href], main script").count()).toBe(0);
    expect(await page.title()).toBe("kinde-devhook");
    expect(opened.mishaps).toEqual([]);
  });

  test("stays as wide as the window, whatever the length of what it shows", async () => {
    const long = "x".repeat(100_000);
    const event = { type: long, id: long, source: null, timestamp: "2026-01-02T03:04:05.000Z" };
    await using process = await startStandInProcess({
      deliveries: [sampleSummary(1, { event, about: [long], endpoint: `http://localhost:3000/${long}` })],
      status: { apps: [{ origin: `http://${long}`, isListening: true }] },
    });
    await using opened = await openPage(browser, process.url, { viewport: { width: 400, height: 800 } });
    await opened.page.locator(".row").waitFor();
    expect(await opened.page.evaluate("document.documentElement.scrollWidth")).toBe(400);
  });

  test("works in a browser that is told to keep nothing, as long as the page is open", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(3) });
    await using opened = await openPage(browser, "about:blank");
    const { page, mishaps } = opened;
    await page.addInitScript(`for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get() { throw new DOMException("Access is denied", "SecurityError"); } });
    }`);
    await page.goto(process.url);
    await untilLive(page);
    await page.keyboard.press("e");
    await page.getByRole("dialog", { name: "Emit an event" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(mishaps).toEqual([]);
  });

  test("asks nobody but its own process, and its policy is never broken", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(50) });
    await using opened = await openPage(browser, process.url);
    const { page, requests } = opened;
    await untilLive(page);
    await page.locator(".row").nth(3).click();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await scrollList(page, 1_000);
    const hosts = new Set(requests.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).host));
    expect([...hosts]).toEqual([`127.0.0.1:${process.port}`]);
    expect(opened.mishaps).toEqual([]);
  });

  describe.each(["dark", "light"] as const)("in %s", (colorScheme) => {
    test.each([1280, 400])("has no barrier that axe would call serious, %d pixels wide", async (width) => {
      await using process = await startStandInProcess({
        deliveries: sampleSummaries(30, (n) => ({
          state: (["delivered", "failed", "pending"] as const)[n % 3]!,
          direction: (["relayed", "emitted", "replayed"] as const)[n % 3]!,
          attempts: n % 4,
          latest: n % 4 === 0 ? null : { status: [200, 204, 500, null][n % 4]!, error: null, durationMs: n },
          ...(n % 5 === 0 && { fault: "bad-signature", verdict: "pass" }),
          ...(n % 7 === 0 && { isShielded: true, isRedacted: true }),
        })),
        status: {
          isPaused: true,
          shielded: 2,
          realIssuer: null,
          refused: {
            count: 12,
            at: "2026-01-02T03:04:05.000Z",
            code: "ERR_NO_ISSUER",
            reason: "No issuer is set. ".repeat(9),
          },
          apps: [{ origin: "http://localhost:3000", isListening: false }],
        },
      });
      const options = { colorScheme, viewport: { width, height: 800 } };
      await using opened = await openPage(browser, process.url, options);
      const { page } = opened;
      await page.locator(".row").nth(3).waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      expect(await findBarriers(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await process[Symbol.asyncDispose]();
      await page.getByText("kinde-devhook does not answer").waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await using stranger = await openPage(browser, "about:blank", options);
      await using empty = await startStandInProcess({ status: { realIssuer: null } });
      await stranger.page.goto(empty.bareUrl);
      await stranger.page.getByText("Open this page from the terminal").waitFor();
      expect(await findBarriers(stranger.page)).toEqual([]);
      await stranger.page.goto(empty.url);
      await stranger.page.getByText("No event yet").waitFor();
      expect(await findBarriers(stranger.page)).toEqual([]);
    });
  });
});
