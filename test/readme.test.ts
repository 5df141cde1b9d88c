/** What the README shows, done as it says. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importSigningKey } from "../src/kinde/signing-key.ts";
import { verifyingAnswer } from "./e2e/app.ts";
import { runCli, startCli } from "./helpers/cli.ts";
import { installNgrokCommand } from "./helpers/fake-ngrok.ts";
import { findFreePort } from "./helpers/free-port.ts";
import { startLocaltunnelServer } from "./helpers/localtunnel-server.mjs";
import { blockWith, codeBlocks, readme, withOwnPorts } from "./helpers/readme.ts";
import { commandLines, runShell } from "./helpers/readme-lines.ts";
import { startReceiver } from "./helpers/receiver.ts";
import { startStandInKinde } from "./helpers/stand-in-kinde.mjs";
import { createTemporaryDirectory } from "./helpers/temporary-directory.ts";

describe("every command line", () => {
  test.each(
    commandLines.filter(
      (line) => !isMock(line) && !isTunnel(line) && !isOfHistory(line) && !line.includes("kinde-devhook run"),
    ),
  )("`%s` ends with 0", async (line) => {
    using directory = createTemporaryDirectory();
    const issuerPort = await findFreePort();
    const verifying = verifyingAnswer(`http://localhost:${issuerPort}`);
    const hasRetries = line.includes("--retries");
    // Unhurried, a third attempt would come after 35 s.
    const answers = hasRetries ? [500, 500, verifying] : [verifying];
    await using receiver = await startReceiver({ answers });
    await using tunnels = line.includes("kinde-devhook doctor") ? await startLocaltunnelServer() : undefined;
    const shellLine = withOwnPorts(line, receiver.port, 0);
    const { status, stderr } = await runShell(shellLine, directory.path, {
      KINDE_DEVHOOK_FORWARD: receiver.url,
      KINDE_DEVHOOK_ISSUER_PORT: String(issuerPort),
      ...(tunnels !== undefined && { KINDE_DEVHOOK_HOST: tunnels.url }),
    });
    expect(stderr).not.toMatch(/error|warning/);
    expect(status).toBe(0);
    const delivers = / emit /.test(line) && !line.includes("--print");
    expect(receiver.requests.length > (hasRetries ? 2 : 0)).toBe(delivers);
  });

  test.each(commandLines.filter((line) => isOfHistory(line) && !line.includes("--follow")))(
    "`%s` finds what was delivered",
    async (line) => {
      using directory = createTemporaryDirectory();
      const issuerPort = await findFreePort();
      await using receiver = await startReceiver({
        answers: [verifyingAnswer(`http://localhost:${issuerPort}`)],
      });
      const env = {
        KINDE_DEVHOOK_FORWARD: receiver.url,
        KINDE_DEVHOOK_ISSUER_PORT: String(issuerPort),
      };
      await runShell("npx kinde-devhook emit user.created", directory.path, env);
      const ownLine = withOwnPorts(line, receiver.port, 0);
      const { status, stdout, stderr } = await runShell(ownLine, directory.path, env);
      expect(stderr).not.toMatch(/error|warning/);
      expect(status).toBe(0);
      expect(stdout).toMatch(line.includes("clear") ? /1 delivery/ : /user\.created/);
      expect(receiver.requests).toHaveLength(line.includes("replay") ? 2 : 1);
    },
  );

  test.each(commandLines.filter((line) => isOfHistory(line) && line.includes("--follow")))(
    "`%s` shows what comes, until Ctrl-C",
    async (line) => {
      using directory = createTemporaryDirectory();
      await using receiver = await startReceiver();
      const env = {
        KINDE_DEVHOOK_FORWARD: receiver.url,
        KINDE_DEVHOOK_ISSUER_PORT: String(await findFreePort()),
      };
      await runShell("npx kinde-devhook emit user.created", directory.path, env);
      const args = line.replace("npx kinde-devhook ", "").split(" ");
      await using following = startCli(args, { cwd: join(directory.path, "app"), env });
      await following.line(/user\.created/);
      await runShell("npx kinde-devhook emit role.created", directory.path, env);
      await following.line(/role\.created/);
      following.child.kill("SIGINT");
      expect((await following.ended).code).toBe(130);
    },
  );

  test.each(commandLines.filter(isMock))("`%s` is ready and delivers", async (line) => {
    using directory = createTemporaryDirectory();
    const hasSpeed = line.includes("--speed");
    await using receiver = await startReceiver({ answers: hasSpeed ? [500, 500, 500, 200] : [200] });
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
    const { code } = await runCli(["emit", "user.created", ...(hasSpeed ? ["--retries"] : [])], {
      cwd: directory.path,
      env: { KINDE_DEVHOOK_FORWARD: receiver.url, KINDE_DEVHOOK_ISSUER_PORT: String(port) },
    });
    expect(code).toBe(0);
    expect(receiver.requests).toHaveLength(hasSpeed ? 4 : 1);
  });

  test("those on keys, one after the other, leave the one that was rotated to", async () => {
    using directory = createTemporaryDirectory();
    const keys = codeBlocks("sh").find((block) => block.includes("keys rotate"));
    const script = `set -e\nnpx kinde-devhook keys export > before.json\n${keys}`;
    const { status } = await runShell(script, directory.path, {});
    expect(status).toBe(0);
    const read = (name: string): unknown =>
      JSON.parse(readFileSync(join(directory.path, "app", name), "utf8"));
    const { publicJwk } = importSigningKey(read("signing-key.json"));
    expect(read("jwks.json")).toEqual({ keys: [publicJwk] });
    expect(read("before.json")).not.toEqual({ keys: [publicJwk] });
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
      .map((word) => word.replace("https://hooks.example.com", `http://localhost:${intakePort}`))
      .map((word) => word.replace(/https:\/\/[a-z-]+\.trycloudflare\.com/, `http://localhost:${intakePort}`))
      .map((word) => word.replace("https://tunnel.example.com", server.url));
    const { directory: bin } = installNgrokCommand(join(directory.path, "bin"), "open");
    await using tunnel = startCli(args, {
      cwd: directory.path,
      env: {
        PATH: bin,
        KINDE_DEVHOOK_NGROK_API: `http://127.0.0.1:${await findFreePort()}`,
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
    // Killed, it would leave the command that it has started behind.
    tunnel.child.kill("SIGINT");
    expect((await tunnel.ended).code).toBe(130);
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

function isOfHistory(line: string): boolean {
  return /kinde-devhook (history|replay)\b/.test(line);
}

function isTunnel(line: string): boolean {
  return line.includes("kinde-devhook tunnel");
}

/** The words of a line, as a shell reads it when it has no quotes but single ones around whole words. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}
