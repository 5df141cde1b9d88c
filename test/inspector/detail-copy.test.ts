/** What is copied from the page is what it says: run by a shell, by the command line, by vitest. */
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../../src/delivery/claims-of.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { createReaderProject, runIn, writeFiles } from "../recipes/reader-project.ts";
import { runVitest } from "../recipes/run-vitest.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { chromiumPath, openBrowser } from "./browser.ts";
import { claimsWith, clipboardOf, startDetailScene } from "./detail-scene.ts";

const hostileData = {
  user: {
    first_name: 'O\'Brien `$HOME` "x" \\ ${y}',
    id: "kp_1",
    last_name: "\u202e</script>日本",
    organizations: [],
  },
};

describe.skipIf(chromiumPath === undefined)("what is copied", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test("an id is on the clipboard, and that it is there is said", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.getByRole("button", { name: "Copy the event id" }).click();
    await page.getByRole("status").getByText("Copied the event id").waitFor({ state: "attached" });
    expect(await clipboardOf(page)).toBe(delivery.event!.id);
  });

  test("comes to the clipboard in a browser that has none for scripts, too", async () => {
    await using scene = await startDetailScene(browser);
    const delivery = await scene.server.emit(claimsWith());
    const page = await scene.open(delivery.id);
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await page.getByRole("button", { name: "Copy the delivery id" }).click();
    await page.getByText("Copied the delivery id").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Options" }).click();
    await page.getByRole("textbox", { name: "To" }).focus();
    await page.keyboard.press("Control+V");
    await expect.poll(() => page.getByRole("textbox", { name: "To" }).inputValue()).toBe(delivery.id);
  });

  describe.skipIf(process.platform === "win32")("as curl", () => {
    test.each([
      ["a token", claimsWith(hostileData)],
      ["one that is too long for an argument", claimsWith({ long: "a".repeat(200_000) })],
    ])("sends the bytes that were sent, of %s", async (_name, claims) => {
      await using scene = await startDetailScene(browser);
      const page = await scene.open((await scene.server.emit(claims)).id);
      using directory = createTemporaryDirectory();
      writeFiles(directory.path, { pasted: await copyAs(page, "curl") });
      const { code, output } = await runIn(directory.path, "sh", ["pasted"]);
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining("HTTP/1.1 200") });
      const [sent, again] = scene.app.requests;
      expect(again!.body).toEqual(sent!.body);
      for (const name of ["content-type", "webhook-id"]) {
        expect(again!.headers[name]).toBe(sent!.headers[name]);
      }
    });
  });

  test("as a fixture is emitted by the command that comes with it, with the same data and source", async () => {
    await using scene = await startDetailScene(browser);
    await using receiver = await startReceiver();
    const claims = { ...claimsWith(hostileData), source: "admin" };
    const delivery = await scene.server.emit(claims);
    const page = await scene.open(delivery.id);
    const json = await copyAs(page, "fixture");
    await page.getByRole("button", { name: "Copy the command" }).click();
    await page.getByText("Copied the command").waitFor({ state: "attached" });
    const command = await clipboardOf(page);
    const fileName = /--data (\S+)/.exec(command)![1]!;
    using directory = createTemporaryDirectory();
    writeFiles(directory.path, { "package.json": "{}", [fileName]: json });
    const npx = `npx() { shift; '${process.execPath}' '${resolve("dist/cli.js")}' "$@"; }`;
    const more = `--to ${receiver.url} --issuer-port ${await findFreePort()}`;
    const { code, output } = await runIn(directory.path, "sh", ["-c", `${npx}\n${command} ${more}`]);
    expect({ code, output }).toMatchObject({ code: 0 });
    const emitted = claimsOf({ token: (await receiver.next()).body.toString() })!;
    expect(emitted["data"]).toEqual(hostileData);
    expect(emitted["source"]).toBe("admin");
    expect(emitted["event_id"]).not.toBe(delivery.event!.id);
  });

  test.each([
    ["an event type of Kinde's", "user.created"],
    ["one that this version does not know", "user.promoted"],
  ])(
    "as a test compiles, and hands the same data to a handler, of %s",
    async (_name, type) => {
      await using scene = await startDetailScene(browser);
      const claims = { ...claimsWith(hostileData), type };
      const page = await scene.open((await scene.server.emit(claims)).id);
      const snippet = await copyAs(page, "test");
      using project = createReaderProject({
        "route.test.ts": snippet,
        "route.ts": handlerOf({ type, data: hostileData }),
        "tsconfig.json": JSON.stringify({
          compilerOptions: {
            strict: true,
            noEmit: true,
            module: "esnext",
            moduleResolution: "bundler",
            target: "es2022",
          },
          include: ["*.ts"],
        }),
      });
      const compiled = await project.run([resolve("node_modules/typescript/bin/tsc"), "-p", project.path]);
      expect(compiled).toEqual({ code: 0, output: "" });
      expect(await runVitest(project)).toEqual({
        code: 0,
        passed: [`takes ${type} as recorded`],
        failed: [],
      });
      writeFiles(project.path, { "route.ts": handlerOf({ type, data: {} }) });
      expect((await runVitest(project)).failed).toEqual([`takes ${type} as recorded`]);
    },
    120_000,
  );
});

/** A handler that verifies as Kinde's own package does, and takes one event only. */
function handlerOf(expected: object): string {
  return `import { isDeepStrictEqual } from "node:util";
    import { decodeWebhook } from "@kinde/webhooks";
    const issuer = process.env["KINDE_ISSUER_URL"];
    export async function POST(request: Request): Promise<Response> {
      const event = await decodeWebhook(await request.text(), issuer);
      if (event === null) return new Response("Invalid token", { status: 400 });
      const { type, data } = event;
      const isExpected = isDeepStrictEqual({ type, data }, ${JSON.stringify(expected)});
      return new Response(null, { status: isExpected ? 200 : 422 });
    }`;
}

async function copyAs(page: Page, form: "curl" | "fixture" | "test"): Promise<string> {
  const what = form === "curl" ? "as curl" : `as a ${form}`;
  await page.getByRole("button", { name: `Copy ${what}` }).click();
  await page.getByText(`Copied ${what}`).waitFor({ state: "attached" });
  return await clipboardOf(page);
}
