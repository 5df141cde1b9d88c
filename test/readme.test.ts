/** What the README shows, done as it says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "./helpers/cli.ts";
import { findFreePort } from "./helpers/free-port.ts";
import { startLocaltunnelServer } from "./helpers/localtunnel-server.mjs";
import { blockWith, codeBlocks, readme, withOwnPorts } from "./helpers/readme.ts";
import { startReceiver } from "./helpers/receiver.ts";
import { startStandInKinde } from "./helpers/stand-in-kinde.mjs";
import { createTemporaryDirectory } from "./helpers/temporary-directory.ts";

const commandLines = codeBlocks("sh")
  .flatMap((block) => block.split("\n"))
  .filter((line) => line.includes("npx kinde-devhook"))
  .map((line) => line.replace(/\s+#.*$/, ""));

describe("every command line", () => {
  test.each(commandLines.filter((line) => !isMock(line) && !isTunnel(line)))(
    "`%s` ends with 0",
    async (line) => {
      using directory = createTemporaryDirectory();
      await using receiver = await startReceiver();
      const shellLine = withOwnPorts(line, receiver.port, 0);
      const { status, stderr } = await runShell(shellLine, directory.path, {
        KINDE_DEVHOOK_FORWARD: receiver.url,
        KINDE_DEVHOOK_ISSUER_PORT: String(await findFreePort()),
      });
      expect(stderr).not.toMatch(/error|warning/);
      expect(status).toBe(0);
      const delivers = / emit /.test(line) && !line.includes("--print");
      expect(receiver.requests.length > 0).toBe(delivers);
    },
  );

  test.each(commandLines.filter(isMock))("`%s` is ready and delivers", async (line) => {
    using directory = createTemporaryDirectory();
    await using receiver = await startReceiver();
    await using kinde = await startStandInKinde();
    const port = await findFreePort();
    const [, ...args] = withOwnPorts(line, receiver.port, port)
      .replace("npx kinde-devhook", "")
      .replace("https://acme.kinde.com", kinde.issuer)
      .replaceAll("'", "")
      .trim()
      .split(/ +/);
    await using mock = startCli(["mock", ...args], {
      cwd: directory.path,
      env: { KINDE_DEVHOOK_ISSUER_PORT: String(port) },
    });
    await mock.line(/^ready/);
    const { code } = await runCli(["emit", "user.created"], {
      cwd: directory.path,
      env: { KINDE_DEVHOOK_FORWARD: receiver.url, KINDE_DEVHOOK_ISSUER_PORT: String(port) },
    });
    expect(code).toBe(0);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe("every line of the tunnel", () => {
  test.each(commandLines.filter(isTunnel))("`%s` brings a webhook of Kinde's to the app", async (line) => {
    using directory = createTemporaryDirectory();
    await using server = await startLocaltunnelServer();
    await using kinde = await startStandInKinde();
    await using receiver = await startReceiver();
    const [issuerPort, intakePort] = [await findFreePort(), await findFreePort()];
    // The far side of the internet is on this machine; all else is as it is pasted.
    const args = shellWords(line.replace(/^npx kinde-devhook /, ""))
      .map((word) => word.replace(/\b3000\b/, String(receiver.port)).replace("4460", String(intakePort)))
      .map((word) => word.replace("https://acme.kinde.com", kinde.issuer))
      .map((word) => word.replace("https://hooks.example.com", `http://localhost:${intakePort}`));
    await using tunnel = startCli(args, {
      cwd: directory.path,
      env: {
        KINDE_DEVHOOK_HOST: server.url,
        KINDE_DEVHOOK_ISSUER_PORT: String(issuerPort),
        KINDE_DEVHOOK_FORWARD: receiver.url,
        KINDE_ISSUER_URL: kinde.issuer,
      },
    });
    await tunnel.line(/^ready/);
    const endpoint = (await tunnel.line(/← for Kinde/)).trim().split(" ")[0]!;
    const token = kinde.signWebhook("user.created");
    expect((await kinde.deliver(endpoint, token, { webhookId: "readme" })).status).toBe(200);
    expect((await receiver.next()).body.toString()).toBe(token);
  });
});

test("the handler verifies what `emit` delivers", async () => {
  using directory = createTemporaryDirectory();
  const [port, issuerPort] = [await findFreePort(), await findFreePort()];
  const handler = withOwnPorts(blockWith("js", "decodeWebhook"), port, issuerPort);
  const app = spawn(process.execPath, ["--input-type=module", "-e", handler], {
    env: { ...process.env, KINDE_ISSUER_URL: `http://localhost:${issuerPort}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const said = once(app.stdout, "data");
    const { code } = await runCli(
      ["emit", "user.created", "--wait-on", "--to", `${port}`, "--issuer-port", `${issuerPort}`],
      { cwd: directory.path },
    );
    expect(code).toBe(0);
    expect(String(await said)).toMatch(/^user\.created/);
  } finally {
    app.kill();
  }
});

test("every link within it leads to a heading", () => {
  const anchors = new Set(
    [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
  const links = [...readme.matchAll(/\]\(#([^)]*)\)/g)].map(([, link]) => link);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !anchors.has(link!))).toEqual([]);
});

function isMock(line: string): boolean {
  return line.includes("kinde-devhook mock");
}

function isTunnel(line: string): boolean {
  return line.includes("kinde-devhook tunnel");
}

/** The words of a line, as a shell reads it when it has no quotes but single ones around whole words. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}

async function runShell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ status: number; stderr: string }> {
  mkdirSync(join(cwd, "app"));
  // Where the shells keep what they read at their start.
  mkdirSync(join(cwd, ".config/fish/conf.d"), { recursive: true });
  const bin = join(process.cwd(), "dist", "cli.js");
  const shell = spawn("sh", ["-c", line.replaceAll("npx kinde-devhook", `"${process.execPath}" "${bin}"`)], {
    cwd: join(cwd, "app"),
    env: { PATH: process.env["PATH"], HOME: cwd, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [status] = (await once(shell, "close")) as [number];
  return { status, stderr };
}
