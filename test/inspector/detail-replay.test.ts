/** Sending a delivery again from its pane: as it was, in another way, and edited. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { claimsWith, editorOf, focusedName, startDetailScene } from "./detail-scene.ts";

describe.skipIf(chromiumPath === undefined)("a replay", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test("goes where it is told, as a retry or as a new event", async () => {
    await using scene = await startDetailScene(browser);
    await using elsewhere = await startDetailScene(browser, [418]);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("button", { name: "Options" }).click();
    await page.getByRole("radio", { name: /As a retry/ }).check();
    await page.getByRole("textbox", { name: "To" }).fill(` ${elsewhere.app.url} `);
    await page.getByRole("button", { name: "Replay like this" }).click();
    // Exactly: the endpoint's port stands there as well, and may hold the same digits.
    await page.locator(".result").getByText("418", { exact: true }).waitFor();
    expect((await elsewhere.app.next()).headers["webhook-id"]).toBe(delivery.webhookId);
    await page.getByRole("radio", { name: /As a new event/ }).check();
    await page.getByRole("textbox", { name: "To" }).fill("");
    await page.getByRole("button", { name: "Replay like this" }).click();
    await page.getByText("Signed anew with this project's key: fresh.").waitFor();
    expect(scene.server.calls.map(({ body }) => body)).toEqual([
      { sameId: true, to: elsewhere.app.url },
      { fresh: true },
    ]);
    await page
      .locator(".result")
      .getByRole("button", { name: /^Open dlv_/ })
      .click();
    await page.getByRole("button", { name: delivery.id, exact: true }).click();
    await expect.poll(() => page.url()).toContain(delivery.id);
  });

  test("says what the process has against it", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("tree").waitFor();
    // It was redacted behind the page's back.
    scene.server.keep({ ...delivery, isRedacted: true });
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    expect(await page.locator(".result").innerText()).toContain("ERR_REDACTED");
  });

  test("edited: a mistake is marked where it is and keeps it from being sent, then it is signed anew", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("button", { name: "Edit and replay…" }).click();
    const editor = editorOf(page);
    const dialog = page.getByRole("dialog", { name: "Edit and replay" });
    const replay = dialog.getByRole("button", { name: "Replay", exact: true });
    const text = await editor.inputValue();
    await dialog.getByText("Nothing differs from the original").waitFor();

    await editor.fill(text.replace('"first_name": "Ada"', '"first_name": Ada'));
    await dialog.getByRole("button", { name: "Line 5, column 21:" }).waitFor();
    expect(await dialog.locator(".mistake").innerText()).toContain("Expected a value");
    expect(await editor.getAttribute("aria-invalid")).toBe("true");
    await dialog.getByRole("button", { name: "Line 5" }).click();
    expect(await dialog.locator(".line-numbers .is-wrong").innerText()).toBe("5");
    const mark = await dialog.locator(".mark").boundingBox();
    const number = await dialog.locator(".line-numbers .is-wrong").boundingBox();
    expect(Math.abs(mark!.y - number!.y)).toBeLessThan(1);
    expect(await dialog.locator("mark").innerText()).toBe("A");
    expect(
      await editor.evaluate((field) => (field as unknown as { selectionStart: number }).selectionStart),
    ).toBe(text.indexOf('"Ada"'));
    await page.keyboard.press("Control+Enter");
    await replay.click({ force: true });
    expect(await replay.getAttribute("aria-disabled")).toBe("true");
    expect(scene.server.calls).toEqual([]);

    await editor.fill(text.replace(/\n *"timestamp":.*/, ""));
    await dialog.getByText("An event has timestamp: add what is missing.").waitFor();

    await editor.fill(
      text.replace('"Ada"', '"Grace"').replace('"phone": null', '"nick": "G"').replaceAll("  ", ""),
    );
    expect(await dialog.locator(".changes li").allInnerTexts()).toEqual([
      "data.user.first_name changed",
      "data.user.phone removed",
      "data.user.nick added",
    ]);
    expect(await dialog.locator(".changes").innerText()).toContain("signed anew with this project's key");
    await dialog.getByRole("button", { name: "Format" }).click();
    expect(await editor.inputValue()).toContain('\n      "first_name": "Grace"');
    await editor.focus();
    await page.keyboard.press("Control+Enter");
    await dialog.locator(".result").getByText("200", { exact: true }).waitFor();
    const token = scene.app.requests[1]!.body.toString();
    expect(token).not.toBe(delivery.token);
    expect(claimsOf({ token })).toMatchObject({ data: { user: { first_name: "Grace", nick: "G" } } });
    expect(scene.mishaps()).toEqual([]);
  });

  test("not edited after all sends the same bytes", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("button", { name: "Edit and replay…" }).click();
    await page.keyboard.press("Control+Enter");
    await page.locator("dialog .result").waitFor();
    expect(scene.app.requests[1]!.body.toString()).toBe(delivery.token);
  });

  test("is edited and sent by keys alone; Tab leaves the field, Esc keeps what was written", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("button", { name: "Edit and replay…" }).focus();
    await page.keyboard.press("Enter");
    const editor = editorOf(page);
    expect(await page.evaluate("document.activeElement === document.querySelector('dialog textarea')")).toBe(
      true,
    );
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("x");
    await page.getByText("Line 1, column 1:").waitFor();
    await page.keyboard.press("Tab");
    expect(await focusedName(page)).toBe("Line 1, column 1:");
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await focusedName(page)).toBe("Edit and replay…");
    await page.keyboard.press("Enter");
    expect(await editor.inputValue()).toMatch(/^x\{/);
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Delete");
    await page.getByText("Nothing differs from the original").waitFor();
    for (const name of ["", "Replay"]) {
      await page.keyboard.press("Tab");
      expect(await focusedName(page)).toBe(name);
    }
    await page.keyboard.press("Enter");
    await page.locator("dialog .result").waitFor();
    expect(scene.app.requests).toHaveLength(2);
  });
});
