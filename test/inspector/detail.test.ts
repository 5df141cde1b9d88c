/** The pane of one delivery, as it is read. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleAttempt } from "../delivery/sample-delivery.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { claimsWith, focusedName, startDetailScene } from "./detail-scene.ts";

describe.skipIf(chromiumPath === undefined)("one delivery", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test("shows what it is, who signed it, its claims, its token and its headers, and requests nothing else", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("heading", { name: "user.created" }).waitFor();
    const text = await page.locator("article").innerText();
    expect(text).toContain("Delivered");
    expect(text).toContain(delivery.event!.id);
    expect(text).toContain("This project's key signed it");
    expect(text).toContain("ada.lovelace@example.com");
    expect((await page.locator(".token").innerText()).replaceAll("\n", "")).toBe(delivery.token);
    expect(text).toContain("kinde-devhook/");
    expect(await page.getByRole("heading").allInnerTexts()).toEqual([
      "kinde-devhook",
      "user.created",
      "Attempts",
      expect.stringContaining("Claims"),
      "Verification",
      expect.stringContaining("Token"),
      "Request headers",
    ]);
    expect(scene.mishaps()).toEqual([]);
  });

  test("says first what went wrong: the app's answer and what it probably means", async () => {
    await using scene = await startDetailScene(browser, [
      (response) => void response.writeHead(500).end('{"message":"no such table: users"}'),
    ]);
    const delivery = await scene.server.emit(claimsWith());
    scene.server.keep(delivery, { hints: [{ number: 1, message: "the table is missing" }] });
    const page = await scene.open(delivery.id);
    const problem = page.locator(".problem");
    expect(await problem.getByRole("heading").innerText()).toBe("What went wrong");
    expect(await problem.innerText()).toMatch(
      /answered 500\.\s+The table is missing\.\s[^]*no such table: users/,
    );
    await page.getByText("#1", { exact: true }).click();
    expect(await page.locator(".attempt-more").innerText()).toMatch(
      /The table is missing\.\s[^]*no such table: users/,
    );
  });

  test("draws attempts to scale, with what they waited for, and counts down to the next", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const at = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
    const attempts = [
      sampleAttempt({ number: 1, status: 500, startedAt: at(-100), durationMs: 100 }),
      sampleAttempt({ number: 2, status: 500, startedAt: at(-60), durationMs: 100, heldMs: 300 }),
    ];
    const waiting = { ...delivery, direction: "relayed" as const, state: "pending" as const, attempts };
    const step = { status: null, isAbout: true } as const;
    scene.server.keep(waiting, {
      signer: "kinde",
      ladder: [
        { number: 1, at: at(-100), state: "done", status: 500, isAbout: false },
        { number: 3, at: at(150), state: "next", ...step },
        { number: 4, at: at(900), state: "planned", ...step },
        { number: 5, at: null, state: "planned", ...step },
      ],
    });
    const page = await scene.open(delivery.id);
    await page.getByText("Kinde's own key signed it").waitFor();
    const widths = await page
      .locator(".attempt-bar > .is-request")
      .evaluateAll((bars) => bars.map((bar) => (bar as unknown as { offsetWidth: number }).offsetWidth));
    expect(widths[1]).toBeGreaterThan(0);
    expect(widths[0]).toBe(widths[1]);
    expect(await page.locator(".attempts").innerText()).toContain(
      "held 300 ms for an app that did not listen",
    );
    const ladder = page.locator(".ladder");
    expect(await ladder.innerText()).toMatch(/about[^]*planned[^]*nobody can tell when/);
    const before = await ladder.getByText(/^next, in about 2 min \d+ s$/).innerText();
    await page.getByText(before, { exact: true }).waitFor({ state: "detached" });
    expect(await ladder.getByText(/^next, in about 2 min \d+ s$/).innerText()).not.toBe(before);
  });

  test("says of a redacted one that it was not kept, and why nothing can be sent", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    scene.server.keep({
      ...delivery,
      token: "",
      isRedacted: true,
      claims: claimsWith({ user: { email: "a***" } }),
    });
    const page = await scene.open(delivery.id);
    await page.getByText("It was not kept").waitFor();
    const replay = page.getByRole("button", { name: "Replay", exact: true });
    expect(await replay.getAttribute("aria-disabled")).toBe("true");
    const reason = page.locator(`#${await replay.getAttribute("aria-describedby")}`);
    expect(await reason.innerText()).toContain("--redact");
    await replay.click({ force: true });
    expect(scene.server.calls).toEqual([]);
    expect(await page.getByRole("treeitem", { name: /email/ }).innerText()).toContain("a***");
  });

  test("keeps what it shows, and sends nothing, once it is read-only", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("tree").waitFor();
    await page.evaluate("dispatchEvent(new Event('test-read-only'))");
    await page.getByText("Open the URL that the next one prints").waitFor();
    for (const name of ["Replay", "Options", "Edit and replay…"]) {
      await page.getByRole("button", { name, exact: true }).click({ force: true });
    }
    expect(await page.locator("dialog").count()).toBe(0);
    expect(scene.server.calls).toEqual([]);
  });

  test("of an unknown id says that it is gone", async () => {
    await using scene = await startDetailScene(browser);
    const page = await scene.open("dlv_gone");
    await page.getByRole("heading", { name: "This delivery is gone" }).waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("ERR_UNKNOWN_DELIVERY");
  });

  test("of a body that is no token shows the body, and says what there is not", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const verification = { status: "unverified", reason: "ERR_NOT_A_JWT" } as const;
    scene.server.keep(
      { ...delivery, token: "hello", event: null, verification },
      { claims: null, header: null },
    );
    const page = await scene.open(delivery.id);
    await page.getByText("The body is no JWT").waitFor();
    expect(await page.locator(".token").innerText()).toBe("hello");
    const edit = page.getByRole("button", { name: "Edit and replay…" });
    expect(await edit.getAttribute("aria-disabled")).toBe("true");
  });

  test("follows what changes, and leaves unfolded what was", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    scene.server.keep({ ...delivery, state: "pending", attempts: [] });
    const page = await scene.open(delivery.id);
    await page.getByText("On its way").waitFor();
    await page.getByRole("treeitem", { name: /^user:/ }).click();
    const folded = await page.getByRole("treeitem").count();
    scene.server.keep(delivery);
    await page.evaluate("dispatchEvent(new Event('test-change'))");
    await page.getByText("Delivered", { exact: true }).waitFor();
    expect(await page.getByRole("treeitem").count()).toBe(folded);
  });

  test("has its claims walked, folded and unfolded by keys", async () => {
    await using scene = await startDetailScene(browser);
    const page = await scene.open((await scene.server.emit(claimsWith())).id);
    const focused = async (): Promise<string> => (await focusedName(page)).replaceAll(/\s+/g, "");
    await page.getByRole("treeitem").first().focus();
    expect(await focused()).toBe("▾data{1}");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("▾user{9}");
    const all = await page.getByRole("treeitem").count();
    await page.keyboard.press("ArrowLeft");
    expect(await page.getByRole("treeitem").count()).toBeLessThan(all);
    expect(await focused()).toBe("▸user{9}");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toContain("email");
    await page.keyboard.press("End");
    expect(await focused()).toBe('type"user.created"');
    await page.keyboard.press("Home");
    expect(await focused()).toBe("▾data{1}");
    expect(await page.locator('[role="treeitem"][tabindex="0"]').count()).toBe(1);
  });

  test("shows claims that are markup, turn the writing round, or are a megabyte long as what they are", async () => {
    await using scene = await startDetailScene(browser);
    const data = {
      "<img src=x onerror=alert(1)>": "<script>window.hacked = true</script>",
      reversed: "a\u202egnp.exe",
      long: `${"long ".repeat(210_000)}end`,
      many: Array.from({ length: 50_000 }, (_, index) => index),
      constructor: { prototype: "</textarea><script>window.hacked = true</script>" },
    };
    const claims = { ...claimsWith(data), type: '<b onclick="x">\u202euser' };
    const page = await scene.open((await scene.server.emit(claims)).id);
    await page.getByRole("tree").waitFor();
    expect(await page.getByRole("heading", { level: 2 }).innerText()).toBe('<b onclick="x">\\u202euser');
    const tree = await page.getByRole("tree").innerText();
    expect(tree).toContain("<img src=x onerror=alert(1)>");
    expect(tree).toContain('"<script>window.hacked = true</script>"');
    expect(tree).toContain('"a\\u202egnp.exe"');
    expect(tree.length).toBeLessThan(5_000);
    await page.getByRole("button", { name: "Show all 1,050,003 characters" }).click();
    await page.getByRole("button", { name: "Show less" }).waitFor();
    expect((await page.locator(".is-whole").textContent())?.endsWith("end")).toBe(true);
    await page.getByRole("treeitem", { name: /many/ }).click();
    await page.getByText("49,900 more").click();
    await page.getByText("49,800 more").waitFor();
    await page.getByRole("button", { name: "Edit and replay…" }).click();
    expect((await page.locator("dialog textarea").inputValue()).length).toBeGreaterThan(1_000_000);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("article img, article script, article b[onclick]").count()).toBe(0);
    expect(scene.mishaps()).toEqual([]);
  });
});
