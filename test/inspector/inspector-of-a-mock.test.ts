import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject } from "../e2e/project.ts";
import type { RunningCli } from "../helpers/cli.ts";
import { printedUrl } from "../helpers/printed-url.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { chromiumPath, findBarriers, openBrowser, openPage } from "./browser.ts";
import { rowTexts, shownText, untilLive } from "./rows.ts";

let browser: Browser;

describe.skipIf(chromiumPath === undefined)("the inspector of a mock", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  test("emits, lists, replays, and is taken over by the mock's next run", async () => {
    using project = await createProject();
    await using receiver = await startReceiver();
    const start = (): RunningCli => project.start(["mock", "--webhook", receiver.url]);
    await using first = start();
    await using opened = await openPage(browser, await printedUrl(first));
    const { page } = opened;
    await page.getByText("No event yet").waitFor();
    await page.keyboard.press("e");
    await page.getByRole("dialog").getByRole("button", { name: "Emit", exact: true }).click();
    await expect
      .poll(() => rowTexts(page))
      .toEqual([expect.stringMatching(/^delivered user\.created emitted/)]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("j");
    await page.keyboard.press("r");
    await page.getByText("Replayed: answered 200.").waitFor();
    await expect.poll(() => rowTexts(page)).toContainEqual(expect.stringMatching(/replayed/));
    expect(receiver.requests).toHaveLength(2);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "user.created" }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(opened.mishaps).toEqual([]);

    first.child.kill("SIGINT");
    await page.getByText("kinde-devhook does not answer").waitFor();
    await first.ended;
    await using second = start();
    const url = await printedUrl(second);
    await page.getByText("Another run answers here now").waitFor();
    const otherTab = await page.context().newPage();
    await otherTab.goto(url);
    await untilLive(page);
    await expect.poll(() => shownText(page)).toBe("2 of 2");
  });
});
