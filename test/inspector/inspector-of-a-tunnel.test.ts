/** The page with all that is real behind it: a tunnel, the server that it goes through, an app, and a sender with Kinde's key. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { createTunnelProject, type ShownTunnel, type TunnelProject } from "../e2e/tunnel-project.ts";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { printedUrl } from "../helpers/printed-url.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { startReceiver, type Answer, type Receiver } from "../helpers/receiver.ts";
import { chromiumPath, findBarriers, openBrowser, openPage, type WatchedPage } from "./browser.ts";
import { editorOf, focusedName } from "./detail-scene.ts";
import { rowTexts, shownText, untilLive } from "./rows.ts";

let browser: Browser;
let project: TunnelProject;

// A browser, a tunnel and its server beside them, and in one test sixteen rounds of axe: on a busy machine that takes its time.
describe.skipIf(chromiumPath === undefined)("the inspector of a tunnel", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    project = await createTunnelProject();
  });
  afterEach(async () => {
    await project[Symbol.asyncDispose]();
  });

  test("shows a webhook of Kinde's as it comes, and sends it again as it was and edited: by keys alone", async () => {
    await using scene = await openScene();
    const { app, page, tunnel } = scene;
    await page.getByText("No event yet").waitFor();
    // What the terminal says is to be pasted into Kinde: with the path.
    expect(await page.locator(".command code").last().innerText()).toBe(tunnel.url);
    expect(await page.locator(".health .mono").first().innerText()).toBe(tunnel.url);
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await untilRow(page, /^delivered user\.created relayed .* 200 .* ada\.lovelace@example\.com/);

    await page.keyboard.press("j");
    await page.keyboard.press("r");
    await page.getByText("Replayed: answered 200.").waitFor();
    await untilRow(page, /^delivered user\.created replayed/);
    expect(app.requests[1]!.body).toEqual(app.requests[0]!.body);
    expect(app.requests[1]!.headers["webhook-id"]).not.toBe(app.requests[0]!.headers["webhook-id"]);

    await page.keyboard.press("Enter");
    await page.getByText("Kinde's own key signed it").waitFor();
    await tabTo(page, /^Edit and replay…$/);
    await page.keyboard.press("Enter");
    const text = await editorOf(page).inputValue();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text.replace('"Ada"', "Ada"));
    await page.getByRole("button", { name: "Line 5, column 21:" }).waitFor();
    await page.keyboard.press("Control+Enter");
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(text.replace('"Ada"', '"Grace"'));
    await page.getByText("data.user.first_name changed").waitFor();
    expect(app.requests).toHaveLength(2);
    await page.keyboard.press("Control+Enter");
    await page.locator("dialog .result").getByText("200", { exact: true }).waitFor();
    const token = app.requests[2]!.body.toString();
    expect(claimsOf({ token })).toMatchObject({ data: { user: { first_name: "Grace" } } });
    await tabTo(page, /^Open dlv_/);
    await page.keyboard.press("Enter");
    await page.getByText("This project's key signed it").waitFor();
    expect(scene.mishaps).toEqual([]);
  });

  test("says that a webhook of another Kinde was refused, which is in no list", async () => {
    await using scene = await openScene();
    const { page, tunnel } = scene;
    await page.getByText("No event yet").waitFor();
    await using other = await startStandInKinde();
    await project.kinde.deliver(tunnel.url, other.signWebhook("user.created"));
    const told = page.locator(".empty p", { hasText: "A request was refused" });
    await told.waitFor();
    expect(await told.innerText()).toContain(
      `ERR_UNKNOWN_KID Is ${project.kinde.issuer} the Kinde that sends it?`,
    );
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await untilRow(page, /^delivered user\.created relayed/);
    await page.locator(".health summary").click();
    await page.locator(".health", { hasText: "Is http" }).waitFor();
    expect(scene.app.requests).toHaveLength(1);
  });

  test("emits an event to where the tunnel forwards to: by keys alone", async () => {
    await using scene = await openScene();
    const { app, page } = scene;
    await page.keyboard.press("e");
    await page.getByRole("radio").first().waitFor();
    await page.keyboard.type("role del");
    await page.getByText(/^1 of \d+ event types$/).waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: /^role.deleted/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+Enter");
    await page.locator("dialog .result").getByText("200", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await untilRow(page, /^delivered role\.deleted emitted/);
    expect(claimsOf({ token: app.requests[0]!.body.toString() })).toMatchObject({ type: "role.deleted" });
    expect(scene.mishaps).toEqual([]);
  });

  test("shows claims that are markup, and a megabyte of text, as what they are", async () => {
    await using scene = await openScene();
    const { page, tunnel } = scene;
    const script = "<script>document.title = 'owned'</script>";
    const image = '<img src=x onerror="document.title = `owned`">';
    const user = { email: image, [image]: script, long: "long ".repeat(140_000) };
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created", { data: { user } }));
    await untilRow(page, /relayed .* <img src=x/);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Show all 700,000 characters" }).click();
    await page.getByRole("button", { name: "Show less" }).waitFor();
    expect(await page.getByRole("tree").innerText()).toContain(script);

    const megabyte = { user: { first_name: `${"x".repeat(1_000_000)}${script}` } };
    await project.run(["emit", "user.updated", "--data", "-"], { input: JSON.stringify(megabyte) });
    await untilRow(page, /^delivered user\.updated emitted/);
    await page.locator(".row", { hasText: "user.updated" }).click();
    await page.getByRole("button", { name: "Show all 1,000,041 characters" }).click();
    expect((await page.locator(".is-whole").textContent())!.endsWith(script)).toBe(true);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(1280);
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toBe("kinde-devhook");
    expect(scene.mishaps).toEqual([]);
  });

  test("says that the tunnel is down, is read-only after a restart, and live with the newly printed URL", async () => {
    await using scene = await openScene();
    const { app, page, tunnel } = scene;
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await untilRow(page, /^delivered user\.created/);
    await project.server.kill();
    await page.getByText(/The tunnel is (down|reconnecting)/).waitFor();
    // First that it is lost, then why it can't be had again.
    await page.locator(".banner", { hasText: "can't be reached" }).waitFor();
    await using server = await startLocaltunnelServer({ port: project.server.port });
    await page.locator(".banner").waitFor({ state: "detached" });
    expect(server.port).toBe(project.server.port);

    await tunnel.stop();
    await page.getByText("kinde-devhook does not answer").waitFor();
    await using next = await startTunnel(app);
    await page.getByText("Another run answers here now").waitFor();
    expect(await page.getByRole("button", { name: "Emit event" }).isDisabled()).toBe(true);
    await page.locator(".row").click();
    await page.getByText("Open the URL that the next one prints").waitFor();
    await page.locator(".pairs", { hasText: "ada.lovelace@example.com" }).waitFor();
    expect(app.requests).toHaveLength(1);

    // Another hash alone: the browser does not load the page anew.
    await page.evaluate(`location.hash = ${JSON.stringify(new URL(await printedUrl(next)).hash)}`);
    await untilLive(page);
    expect(await page.locator(".banner").count()).toBe(0);
    await expect.poll(() => shownText(page)).toBe("1 of 1");
    await page.reload();
    await untilLive(page);
    await expect.poll(() => shownText(page)).toBe("1 of 1");
  });

  test("has nothing that keeps anybody out: in a wide window and a narrow one, in dark and light", async () => {
    await using scene = await openScene([500, 401, 200]);
    const { page, tunnel } = scene;
    for (const type of ["user.created", "organization.updated", "user.deleted"]) {
      await project.kinde.deliver(tunnel.url, project.kinde.signWebhook(type));
    }
    await project.run(["emit", "user.created", "--fault", "bad-signature"]);
    await expect.poll(() => shownText(page)).toBe("4 of 4");
    await expectNoBarrier(page);
    await page.locator(".row", { hasText: "organization.updated" }).click();
    await page.getByText("next, in about").waitFor();
    await page.getByText("#1", { exact: true }).first().click();
    await page.getByRole("button", { name: "Options" }).click();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("The same bytes as before.").waitFor();
    await expectNoBarrier(page);
  });

  test("has nothing in its dialogs that keeps anybody out", async () => {
    await using scene = await openScene();
    const { page, tunnel } = scene;
    await project.kinde.deliver(tunnel.url, project.kinde.signWebhook("user.created"));
    await page.locator(".row").click();
    await page.getByRole("button", { name: "Edit and replay…" }).click();
    await editorOf(page).fill("{\n  oops");
    await page.getByText("Line 2, column 3").waitFor();
    await expectNoBarrier(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("e");
    await page.getByRole("radio").first().waitFor();
    await expectNoBarrier(page);
    expect(scene.mishaps).toEqual([]);
  });
});

interface Scene extends AsyncDisposable, Pick<WatchedPage, "page" | "mishaps"> {
  readonly app: Receiver;
  readonly tunnel: ShownTunnel;
}

/** An app, a tunnel to it, and its page. */
async function openScene(answers: readonly Answer[] = [200]): Promise<Scene> {
  const app = await startReceiver({ answers });
  const tunnel = await startTunnel(app);
  const opened = await openPage(browser, await printedUrl(tunnel));
  await untilLive(opened.page);
  return {
    ...opened,
    app,
    tunnel,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await tunnel[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
}

async function startTunnel(app: Receiver): Promise<ShownTunnel> {
  return await project.show([app.url, "--issuer", project.kinde.issuer]);
}

async function untilRow(page: Page, pattern: RegExp): Promise<void> {
  await expect.poll(() => rowTexts(page)).toContainEqual(expect.stringMatching(pattern));
}

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let steps = 0; steps < 40 && !name.test(await focusedName(page)); steps++) {
    await page.keyboard.press("Tab");
  }
  expect(await focusedName(page)).toMatch(name);
}

/** In both widths and themes. */
async function expectNoBarrier(page: Page): Promise<void> {
  for (const width of [400, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findBarriers(page), `${colorScheme}, ${width} px`).toEqual([]);
    }
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  }
}
