import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openPage } from "./browser.ts";
import { activeRow, rowTexts, scrollList, shownText, untilLive } from "./rows.ts";
import { sampleSummaries, sampleSummary } from "./samples.ts";
import { startStandInProcess } from "./stand-in-process.ts";

let browser: Browser;

const mixed = sampleSummaries(12, (n) => {
  const event = { id: `event_${n}`, source: "api", timestamp: "2026-01-02T03:04:05.000Z" };
  if (n === 12) return { state: "failed", event: { ...event, type: "user.deleted" } };
  if (n === 11) return { state: "pending", event: { ...event, type: "role.created" }, about: ["Acme GmbH"] };
  if (n === 10) return { direction: "relayed", endpoint: "http://localhost:4000/hooks/kinde" };
  return {};
});

describe.skipIf(chromiumPath === undefined)("the inspector's list", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("filters by state, event type and direction, all of which have to hold", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await expect.poll(() => page.locator(".row").count()).toBe(12);
    await page.getByRole("button", { name: "Failed" }).click();
    expect(await rowTexts(page)).toEqual([expect.stringMatching(/^failed user\.deleted/)]);
    expect(await shownText(page)).toBe("1 of 12");
    await page.getByRole("button", { name: "Failed" }).click();
    await page.getByLabel("Event type").selectOption("user.*");
    expect(await shownText(page)).toBe("11 of 12");
    await page.getByLabel("Direction").selectOption("relayed");
    expect(await rowTexts(page)).toEqual([
      expect.stringMatching(/user\.created relayed .* :4000\/hooks\/kinde/),
    ]);
    process.send({ kind: "delivery", delivery: sampleSummary(13) });
    await expect.poll(() => shownText(page)).toBe("1 of 13");
    await page.getByRole("button", { name: "Pending" }).click();
    await page.getByText("Nothing matches").waitFor();
    await page.getByRole("button", { name: "Show all" }).first().click();
    expect(await shownText(page)).toBe("13 of 13");
  });

  test.each([
    ["a part of an e-mail address", "PERSON-7@", 1],
    ["an organization", "acme", 1],
    ["an event type", "role.", 1],
    ["an endpoint", ":4000/hooks", 1],
    ["an id", `dlv_${"3".padStart(32, "0")}`, 1],
    ["a webhook-id", "c".padStart(32, "f"), 1],
    ["several words, in any order", "person-1 user.c", 2],
    ["what is nowhere", "zebra", 0],
  ])("finds %s", async (_what, text, count) => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(text);
    await expect.poll(() => shownText(page)).toBe(`${count} of 12`);
  });

  test("is operated by the keyboard alone", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    const idOf = (n: number): string => `row-${sampleSummary(n).id}`;
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await expect.poll(() => activeRow(page)).toBe(idOf(11));
    await page.keyboard.press("k");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => activeRow(page)).toBe(idOf(10));
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain(`#${sampleSummary(10).id}`);
    await expect.poll(() => page.evaluate("document.activeElement.ariaLabel")).toBe("Delivery");
    await page.keyboard.press("j");
    await expect.poll(() => page.url()).toContain(`#${sampleSummary(9).id}`);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).not.toContain("#");
    await expect.poll(() => page.evaluate("document.activeElement.role")).toBe("listbox");
    await page.keyboard.press("End");
    await expect.poll(() => activeRow(page)).toBe(idOf(1));
    await page.keyboard.press("/");
    await page.keyboard.type("role");
    await page.keyboard.press("Escape");
    await expect.poll(() => shownText(page)).toBe("12 of 12");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("j");
    expect(await activeRow(page)).toBe(idOf(1));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(opened.mishaps).toEqual([]);
  });

  test("does not wait for the deliveries that were passed by, and asks for the samples once", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().click();
    const countSampleRequests = (): number =>
      opened.requests.filter((url) => url.endsWith("/api/event-types")).length;
    await expect.poll(countSampleRequests).toBe(1);
    // All but the last take their time.
    const isSlow = (url: URL): boolean => /api\/deliveries\/(?!.*0{31}2$)/.test(url.pathname);
    await page.route(isSlow, () => {});
    const begun: string[] = [];
    const ended: string[] = [];
    page.on("request", (request) => isSlow(new URL(request.url())) && begun.push(request.url()));
    page.on("requestfailed", (request) => ended.push(request.url()));
    for (let step = 0; step < 10; step++) await page.keyboard.press("j");
    // That of the first is there until the page has come to the last.
    const last = page.locator(".detail").filter({ hasText: `${"0".repeat(31)}2` });
    await last.getByRole("button", { name: "fixture" }).waitFor();
    expect(begun).not.toEqual([]);
    await expect.poll(() => ended.toSorted()).toEqual(begun.toSorted());
    await page.keyboard.press("e");
    await page.getByRole("dialog", { name: "Emit an event" }).waitFor();
    await page.getByText("Loading the event types").waitFor({ state: "detached" });
    expect(countSampleRequests()).toBe(1);
  });

  test("goes on from the delivery that is open when the page was loaded anew", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").nth(5).click();
    await page.reload();
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("j");
    await expect.poll(() => activeRow(page)).toBe(`row-${sampleSummary(6).id}`);
    await expect.poll(() => page.url()).toContain(`#${sampleSummary(6).id}`);
  });

  test("leaves no step behind when a delivery is closed: the way back leads out of the page", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").nth(5).click();
    await page.locator(".row").nth(6).click();
    await expect.poll(() => page.url()).toContain(`#${sampleSummary(6).id}`);
    await page.reload();
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).toBe(process.bareUrl);
    await page.goForward();
    await expect.poll(() => page.locator(".row[aria-selected=true]").count()).toBe(1);
    // Closed and opened at once, while the browser is still on its way.
    await page.evaluate(`
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      document.querySelectorAll(".row")[1].click();`);
    await expect.poll(() => page.url()).toContain(`#${sampleSummary(11).id}`);
    expect(await page.locator(".row[aria-selected=true]").count()).toBe(1);
    await page.goBack();
    await expect.poll(() => page.locator(".row[aria-selected=true]").count()).toBe(0);
    await page.goBack();
    expect(page.url()).toBe("about:blank");
  });

  test("replays with a key, and says what came of it", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.down("r");
    // Held, as the second one is: it repeats itself.
    await page.keyboard.down("r");
    await page.keyboard.up("r");
    await page.getByText("Failed to replay: no token was kept. (ERR_REDACTED)").waitFor();
    expect(process.orders.at(-1)).toEqual({
      path: `api/deliveries/${sampleSummary(12).id}/replay`,
      body: {},
    });
    expect(process.orders.filter(({ path }) => path.endsWith("/replay"))).toHaveLength(1);
  });

  test("does not show the 200 of an app that takes a bad signature as good news", async () => {
    const deliveries = sampleSummaries(2, (n) => ({
      fault: "bad-signature",
      ...(n === 2
        ? { verdict: "fail" }
        : { verdict: "pass", state: "failed", latest: { status: 401, error: null, durationMs: 3 } }),
    }));
    await using process = await startStandInProcess({ deliveries });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").nth(1).waitFor();
    const tones = await page.locator(".row :is(.row-state, .row-answer > span:first-child)").all();
    const classes = await Promise.all(tones.map((each) => each.getAttribute("class")));
    expect(classes).toEqual(["row-state bad", "bad", "row-state muted", "muted"]);
  });

  test("has less than a hundred rows drawn of 10,000, and scrolls to the last", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(10_000) });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await expect.poll(() => shownText(page)).toBe("10,000 of 10,000");
    expect(await page.locator(".row").count()).toBeLessThan(100);
    await scrollList(page, 1e9);
    await page.getByText("person-1@example.com", { exact: true }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(100);
    await page.keyboard.press("j");
    await page.keyboard.press("End");
    await expect.poll(() => activeRow(page)).toBe(`row-${sampleSummary(1).id}`);
    expect(await page.locator(".row").last().getAttribute("aria-posinset")).toBe("10000");
    await page.keyboard.press("Home");
    await page.getByText("person-10000@example.com").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("person-7777@");
    await expect.poll(() => shownText(page)).toBe("1 of 10,000");
  });

  test("keeps what is looked at where it is when others arrive, and counts these", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(200) });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await expect.poll(() => shownText(page)).toBe("200 of 200");
    await scrollList(page, 1_234);
    const looked = page.getByText("person-170@example.com", { exact: true });
    await looked.waitFor();
    const before = await looked.boundingBox();
    for (let n = 201; n <= 212; n++) process.send({ kind: "delivery", delivery: sampleSummary(n) });
    // One above what is looked at changes, and moves to the top.
    process.send({
      kind: "delivery",
      delivery: sampleSummary(190, { changedAt: "2026-01-02T03:59:59.000Z", attempts: 2 }),
    });
    await page.getByRole("button", { name: "12 new" }).waitFor();
    expect(await looked.boundingBox()).toEqual(before);
    await page.getByRole("button", { name: "12 new" }).click();
    await page.getByText("person-212@example.com").waitFor();
    expect(await page.getByRole("button", { name: "12 new" }).count()).toBe(0);
    // At the top they come into view.
    process.send({
      kind: "delivery",
      delivery: sampleSummary(213, { changedAt: "2026-01-02T04:00:00.000Z" }),
    });
    await page.getByText("person-213@example.com").waitFor();
  });

  test("gives a narrow window one at a time: the list, then the delivery, and back", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(200) });
    await using opened = await openPage(browser, process.url, { viewport: { width: 400, height: 800 } });
    const { page } = opened;
    await expect.poll(() => shownText(page)).toBe("200 of 200");
    await scrollList(page, 1_234);
    const looked = page.getByText("person-172@example.com", { exact: true });
    await looked.click();
    await page.locator(".pane-list").waitFor({ state: "hidden" });
    expect(await page.locator(".pane-detail").isVisible()).toBe(true);
    // The list stays where it was, also when something arrives while it is not seen.
    process.send({ kind: "delivery", delivery: sampleSummary(201) });
    await expect.poll(() => page.locator(".shown").textContent()).toContain("201 of 201");
    await page.goBack();
    await looked.waitFor();
    expect(await page.getByRole("button", { name: "1 new" }).isVisible()).toBe(true);
    expect(await page.locator(".pane-detail").isVisible()).toBe(false);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400);
    await untilLive(page);
  });

  test("has rows to be seen, and nothing beside them, at 400 % of a window of 1280 x 1024", async () => {
    await using process = await startStandInProcess({ deliveries: mixed });
    const viewport = { width: 320, height: 256 };
    await using opened = await openPage(browser, process.url, { viewport, deviceScaleFactor: 4 });
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    expect((await page.getByRole("listbox").boundingBox())!.height).toBeGreaterThan(100);
  });
});
