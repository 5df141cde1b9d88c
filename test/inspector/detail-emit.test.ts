/** Emitting from the page. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { eventFixture, eventTypes } from "../../src/kinde/event-types.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { editorOf, startDetailScene } from "./detail-scene.ts";

describe.skipIf(chromiumPath === undefined)("the emit dialog", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test("lists every event type, and says of each how sure its shape is", async () => {
    await using scene = await startDetailScene(browser);
    const page = await scene.open("");
    await page.getByRole("button", { name: "Emit an event" }).click();
    await page.getByRole("radio").first().waitFor();
    expect(await page.getByRole("radio").count()).toBe(eventTypes.length);
    const guesses = eventTypes.filter((type) => eventFixture(type).confidence === "unverified");
    expect(await page.locator('.event-type [data-confidence="unverified"]').count()).toBe(guesses.length);
    await page.getByRole("radio", { name: /passkey.added/ }).check();
    await page.getByText("its shape is our guess").waitFor();
  });

  test("emits what was edited: what was taken out of the sample stays out", async () => {
    await using scene = await startDetailScene(browser);
    await using elsewhere = await startDetailScene(browser);
    const page = await scene.open("");
    await page.getByRole("button", { name: "Emit an event" }).click();
    const emit = page.locator("dialog").getByRole("button", { name: "Emit", exact: true });
    await editorOf(page).fill("[]");
    await page.getByText("data is an object").waitFor();
    await emit.click({ force: true });
    expect(scene.server.calls).toEqual([]);
    await editorOf(page).fill('{"user": {"id": "kp_1"}}');
    const to = page.getByLabel("To", { exact: true });
    await to.fill(elsewhere.app.url);
    await to.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await to.press("Enter");
    await page.locator("dialog .result").waitFor();
    expect(scene.server.calls).toHaveLength(1);
    const token = (await elsewhere.app.next()).body.toString();
    expect(claimsOf({ token })).toMatchObject({ type: "user.created" });
    expect(claimsOf({ token })!["data"]).toEqual({ user: { id: "kp_1" } });
  });

  test("comes back with the type that was last chosen and what was written", async () => {
    await using scene = await startDetailScene(browser);
    const page = await scene.open("");
    const open = (): Promise<void> => page.getByRole("button", { name: "Emit an event" }).click();
    await open();
    await page.getByRole("radio", { name: /user.deleted/ }).check();
    await editorOf(page).fill('{"mine": 1}');
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await open();
    await page.getByRole("heading", { name: /^user.deleted/ }).waitFor();
    expect(await editorOf(page).inputValue()).toBe('{"mine": 1}');
    await page.getByRole("button", { name: "Back to the original" }).click();
    expect(JSON.parse(await editorOf(page).inputValue())).toEqual(eventFixture("user.deleted").data);
    await page.reload();
    await open();
    await page.getByRole("heading", { name: /^user.deleted/ }).waitFor();
  });

  test("says that it needs an endpoint where there is none", async () => {
    await using scene = await startDetailScene(browser);
    scene.server.status = { endpoints: [] };
    const page = await scene.open("");
    await page.getByRole("button", { name: "Emit an event" }).click();
    const emit = page.locator("dialog").getByRole("button", { name: "Emit", exact: true });
    await page.getByText("Say where to").waitFor();
    expect(await emit.getAttribute("aria-disabled")).toBe("true");
    await page.getByLabel("To", { exact: true }).fill(scene.app.url);
    expect(await emit.getAttribute("aria-disabled")).toBe("false");
  });
});
