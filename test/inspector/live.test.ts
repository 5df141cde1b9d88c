import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliverySummary } from "../../src/inspector/protocol.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { chromiumPath, openBrowser, openPage } from "./browser.ts";
import { rowTexts, untilLive } from "./rows.ts";
import { sampleStatus, sampleSummaries, sampleSummary } from "./samples.ts";
import { startStandInProcess } from "./stand-in-process.ts";

let browser: Browser;

describe.skipIf(chromiumPath === undefined)("the inspector's live connection", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("shows a delivery as it comes, and changes its row as it changes", async () => {
    await using process = await startStandInProcess();
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.getByText("No event yet").waitFor();
    process.send({
      kind: "delivery",
      delivery: sampleSummary(1, { state: "pending", attempts: 0, latest: null }),
    });
    await expect.poll(() => rowTexts(page)).toEqual([expect.stringMatching(/^sending user\.created/)]);
    process.send({
      kind: "delivery",
      delivery: sampleSummary(1, {
        changedAt: "2026-01-02T03:04:07.000Z",
        state: "failed",
        latest: { status: 500, error: null, durationMs: 31 },
      }),
    });
    await expect
      .poll(() => rowTexts(page))
      .toEqual([expect.stringMatching(/^failed user\.created emitted .* 500 31 ms person-1@example\.com/)]);
    process.send({ kind: "cleared" });
    await page.getByText("No event yet").waitFor();
    expect(opened.mishaps).toEqual([]);
  });

  test("counts down to an attempt again when one was due before", async () => {
    await using process = await startStandInProcess();
    await using opened = await openPage(browser, "about:blank");
    const { page } = opened;
    await page.clock.install({ time: "2026-01-02T03:04:05.000Z" });
    await page.goto(process.url);
    await untilLive(page);
    await page.clock.pauseAt("2026-01-02T04:00:00.000Z");
    const waitFor = async (attempts: number, dueInMs: number, text: string): Promise<void> => {
      const now = await page.evaluate<number>("Date.now()");
      const changedAt = new Date(now).toISOString();
      const nextAttemptAt = new Date(now + dueInMs).toISOString();
      const delivery = sampleSummary(1, { changedAt, nextAttemptAt, state: "pending", attempts });
      process.send({ kind: "delivery", delivery });
      await expect
        .poll(async () => {
          await page.clock.runFor(20);
          return await page.locator(".row-state").innerText();
        })
        .toBe(text);
    };
    await waitFor(1, -1, "due");
    await waitFor(2, 600, "in 1 s");
    await page.clock.runFor(2_000);
    expect(await page.locator(".row-state").innerText()).toBe("due");
  });

  test("takes the ticket out of the address bar, and needs it no more", async () => {
    await using process = await startStandInProcess();
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await untilLive(page);
    expect(page.url()).toBe(process.bareUrl);
    expect(await page.evaluate("history.length")).toBeLessThanOrEqual(2);
    await page.reload();
    await untilLive(page);
    const secondTab = await page.context().newPage();
    await secondTab.goto(process.bareUrl);
    await untilLive(secondTab);
    expect(process.orders.filter(({ path }) => path === "api/session")).toHaveLength(1);
    expect(opened.mishaps).toEqual([]);
  });

  test("says how to get in when there is no token, and when the ticket was used", async () => {
    await using process = await startStandInProcess();
    await using stranger = await openPage(browser, process.bareUrl);
    await stranger.page.getByText("Open this page from the terminal").waitFor();
    expect(stranger.requests.filter((url) => url.includes("/api/") || url.startsWith("ws"))).toEqual([]);
    await using first = await openPage(browser, process.url);
    await untilLive(first.page);
    await using second = await openPage(browser, process.url);
    await second.page.getByText("ERR_TICKET").waitFor();
    await second.page.getByText("Open this page from the terminal").waitFor();
    expect(second.page.url()).toBe(process.bareUrl);
  });

  test("shows what there was while nothing answers, and is brought up to date by the same run", async () => {
    const deliveries = sampleSummaries(20);
    const process = await startStandInProcess({ port: await findFreePort(), deliveries });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").nth(2).click();
    const urlOfOpen = `${process.bareUrl}#${deliveries[2]!.id}`;
    await expect.poll(() => page.url()).toBe(urlOfOpen);
    await process[Symbol.asyncDispose]();
    await page.getByText("kinde-devhook does not answer").waitFor();
    expect(await page.locator(".row").count()).toBeGreaterThan(10);
    expect(await page.getByRole("button", { name: "Emit event" }).isDisabled()).toBe(true);

    const missed = sampleSummary(21, { event: null });
    // The oldest has gone meanwhile, one is new.
    await using again = await startStandInProcess({
      port: process.port,
      deliveries: [missed, ...deliveries.slice(0, -1)],
    });
    await untilLive(page);
    await expect.poll(() => rowTexts(page)).toContainEqual(expect.stringMatching(/no event/));
    expect(await page.locator(".shown").innerText()).toBe("20 of 20");
    expect(page.url()).toBe(urlOfOpen);
    expect(await page.locator(".row[aria-selected=true]").count()).toBe(1);
    expect(again.orders).toEqual([]);
  });

  test("shows of a delivery that is opened once nothing answers what the list has, and the rest when it can", async () => {
    const refused: Partial<DeliverySummary> = {
      direction: "relayed",
      state: "pending",
      latest: { status: 401, error: null, durationMs: 31 },
      about: ["ada@example.com", "Acme GmbH"],
    };
    const deliveries = sampleSummaries(3, (n) => (n === 2 ? refused : {}));
    const process = await startStandInProcess({ port: await findFreePort(), deliveries });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await untilLive(page);
    await page.locator(".row").nth(2).waitFor();
    await process[Symbol.asyncDispose]();
    await page.getByText("kinde-devhook does not answer").waitFor();
    await page.locator(".row").nth(1).click();
    const note = page.getByRole("alert");
    await note.waitFor();
    expect(await note.innerText()).toMatch(/claims, token, headers and attempts .* Open the URL .* next one/);
    const article = page.getByRole("article", { name: "user.created" });
    const facts = (await article.innerText()).replaceAll(/\s+/g, " ");
    for (const fact of [
      "Not delivered yet: Kinde tries again 401",
      "came through the tunnel",
      deliveries[1]!.endpoint,
      deliveries[1]!.event!.id,
      "Latest answer 401 in 31 ms",
      "Attempts 1",
      "ada@example.com · Acme GmbH",
      "verified when it came",
    ]) {
      expect(facts).toContain(fact);
    }
    expect(await article.getByRole("button", { name: /Replay/ }).count()).toBe(0);

    await using again = await startStandInProcess({ port: process.port, deliveries });
    await page.getByRole("button", { name: "Replay", exact: true }).waitFor();
    expect(await note.count()).toBe(0);
    expect(again.orders).toEqual([]);
  });

  test("says that forwarding is paused, as long as it is", async () => {
    await using process = await startStandInProcess();
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await untilLive(page);
    process.send({ kind: "status", status: sampleStatus({ isPaused: true }) });
    await page.getByText("Forwarding is paused.").waitFor();
    process.send({ kind: "status", status: sampleStatus() });
    await expect.poll(() => page.locator(".banner").count()).toBe(0);
  });

  test("says what was refused, until Esc or a click elsewhere", async () => {
    const refused = {
      count: 3,
      at: "2026-01-02T03:04:05.000Z",
      code: "ERR_EVENT_TOO_OLD",
      reason: "It is old",
    };
    const options = { deliveries: sampleSummaries(3), status: { refused } };
    await using process = await startStandInProcess(options);
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await page.locator(".row").first().click();
    const reason = page.getByText("3 requests were refused, the latest at");
    const number = page.locator(".health summary");
    await number.focus();
    await page.keyboard.press("Enter");
    await reason.waitFor();
    await page.keyboard.press("Escape");
    await reason.waitFor({ state: "hidden" });
    expect(page.url()).toContain("#dlv_");
    await number.click();
    await reason.waitFor();
    await page.locator(".row").nth(2).click();
    await reason.waitFor({ state: "hidden" });
  });

  test("tells a screen reader of what arrives, once for a burst", async () => {
    await using process = await startStandInProcess({ deliveries: sampleSummaries(5) });
    await using opened = await openPage(browser, process.url);
    const { page } = opened;
    await untilLive(page);
    await expect.poll(() => page.locator(".row").count()).toBe(5);
    for (let n = 6; n <= 17; n++) {
      // Kinde tries again: it has not failed.
      const refused = { state: "pending", latest: { status: 400, error: null, durationMs: 3 } } as const;
      process.send({ kind: "delivery", delivery: sampleSummary(n, n === 8 ? refused : {}) });
    }
    await page.getByText("12 new deliveries, 1 went wrong").waitFor({ state: "attached" });
  });
});
