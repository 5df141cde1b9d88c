import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { browserCommands, openBrowser } from "../../../src/cli/keys/open-browser.ts";
import { createTemporaryDirectory } from "../../helpers/temporary-directory.ts";

const url = "http://localhost:4455/_devhook/#t=a&b";
// For programs that end by themselves, however busy the machine.
const patientMs = 20_000;

describe("a browser is started", () => {
  test.each<[string, NodeJS.Platform, Record<string, string>, string[][]]>([
    ["Linux with X", "linux", { DISPLAY: ":0" }, [["xdg-open", url]]],
    ["Linux with Wayland", "linux", { WAYLAND_DISPLAY: "wayland-0" }, [["xdg-open", url]]],
    [
      "WSL",
      "linux",
      { WSL_DISTRO_NAME: "Debian" },
      [
        ["wslview", url],
        ["xdg-open", url],
      ],
    ],
    ["macOS", "darwin", {}, [["open", url]]],
    ["Windows", "win32", {}, [["rundll32", "url.dll,FileProtocolHandler", url]]],
    ["BROWSER", "linux", { BROWSER: "firefox --new-tab" }, [["firefox", "--new-tab", url]]],
    [
      "BROWSER with a place for the URL",
      "linux",
      { BROWSER: "chromium --app=%s" },
      [["chromium", `--app=${url}`]],
    ],
    [
      "BROWSER with several",
      "darwin",
      { BROWSER: "a:b %s -x" },
      [
        ["a", url],
        ["b", url, "-x"],
      ],
    ],
    ["BROWSER on Windows", "win32", { BROWSER: "C:\\b.exe" }, [["C:\\b.exe", url]]],
  ])("by %s", (_, platform, environment, commands) => {
    expect(browserCommands(url, environment, platform)).toEqual(commands);
  });
});

test.each<[string, Record<string, string>]>([
  ["over SSH", { SSH_CONNECTION: "10.0.0.1 5 10.0.0.2 22", DISPLAY: ":0", BROWSER: "firefox" }],
  ["without a screen", {}],
  ["with BROWSER=none", { BROWSER: "none", DISPLAY: ":0" }],
])("none is started %s", (_, environment) => {
  expect(browserCommands(url, environment, "linux")).toEqual([]);
});

describe.skipIf(process.platform === "win32")("a program", () => {
  test("gets the URL as one word, whatever a shell would make of it", async () => {
    using directory = createTemporaryDirectory();
    const program = writeProgram(
      directory.path,
      `printf '%s\\n' "$#" "$@" > ${directory.path}/got.part; mv ${directory.path}/got.part ${directory.path}/got`,
    );
    expect(await openBrowser(url, { BROWSER: program }, "linux", patientMs)).toBe(true);
    expect(readFileSync(join(directory.path, "got"), "utf8")).toBe(`1\n${url}\n`);
  });

  test("that is not there, or fails, is followed by the next", async () => {
    using directory = createTemporaryDirectory();
    const fails = writeProgram(directory.path, "exit 3", "fails");
    const works = writeProgram(directory.path, `: > ${directory.path}/worked`, "works");
    const missing = join(directory.path, "missing");
    const open = (programs: readonly string[]): Promise<boolean> =>
      openBrowser(url, { BROWSER: programs.join(":") }, "linux", patientMs);
    expect(await open([missing, fails])).toBe(false);
    expect(await open([missing, fails, works])).toBe(true);
    expect(existsSync(join(directory.path, "worked"))).toBe(true);
  });

  test("that stays, as a browser does, is not waited for", async () => {
    using directory = createTemporaryDirectory();
    const program = writeProgram(
      directory.path,
      `echo $$ > ${directory.path}/part; mv ${directory.path}/part ${directory.path}/pid; exec sleep 20`,
    );
    expect(await openBrowser(url, { BROWSER: program }, "linux")).toBe(true);
    while (!existsSync(join(directory.path, "pid"))) await turn();
    process.kill(Number(readFileSync(join(directory.path, "pid"), "utf8")), "SIGKILL");
  });
});

function writeProgram(directory: string, line: string, name = "browser"): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
  return path;
}
