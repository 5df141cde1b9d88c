/** What the README has `run` run, with a test and a server of its reader's. */
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { isCi } from "./helpers/ci.ts";
import { runCli } from "./helpers/cli.ts";
import { findFreePort } from "./helpers/free-port.ts";
import { commandLines, runShell } from "./helpers/readme-lines.ts";
import { blockWith, withOwnPorts } from "./helpers/readme.ts";
import { startReceiver } from "./helpers/receiver.ts";
import { createTemporaryDirectory } from "./helpers/temporary-directory.ts";
import { writeFiles } from "./recipes/reader-project.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const lines = commandLines.filter((line) => line.includes("kinde-devhook run"));

describe("every line of run", () => {
  test.each(lines)("`%s` has the fake Kinde beside it, and ends with 0", async (line) => {
    using directory = createTemporaryDirectory();
    const port = await findFreePort();
    const path = join(directory.path, "app");
    writeFiles(path, commandFiles(port));
    chmodSync(join(path, "node_modules/.bin/playwright"), 0o755);
    const { status, stdout, stderr } = await runShell(withOwnPorts(line, port, 0), directory.path, {
      npm_config_update_notifier: "false",
    });
    expect(stderr).not.toMatch(/error|warning/);
    expect(stdout).toContain("verified user.created");
    expect(status).toBe(0);
  });

  test.skipIf(!hasCurl && !isCi)("the request from another language delivers", async () => {
    using directory = createTemporaryDirectory();
    await using receiver = await startReceiver();
    const request = withOwnPorts(blockWith("sh", "$KINDE_DEVHOOK_URL"), receiver.port, 0);
    const { code, stdout } = await runCli(["run", "--", "sh", "-c", request], { cwd: directory.path });
    expect(JSON.parse(stdout)).toMatchObject({ deliveries: [{ state: "delivered" }] });
    expect(receiver.requests).toHaveLength(1);
    expect(code).toBe(0);
  });
});

/** What the lines of `run` run: a test that makes an event of its own, and a server that ends when it has got one. */
function commandFiles(port: number): Readonly<Record<string, string>> {
  const library = JSON.stringify(pathToFileURL(join(process.cwd(), "dist/index.js")));
  const answering = `
    import { createServer } from "node:http";
    import { text } from "node:stream/consumers";
    import { createRemoteJwks, verifyToken } from ${library};

    const server = createServer(async (request, response) => {
      const token = await text(request);
      const { status, event } = await verifyToken(token, createRemoteJwks(process.env.KINDE_ISSUER_URL));
      console.log(status, event?.type);
      response.writeHead(status === "verified" ? 200 : 400).end();
      server.close();
    });
    server.listen(${port}, "127.0.0.1"`;
  const testing = `${answering}, async () => {
      const { KINDE_DEVHOOK_URL, KINDE_DEVHOOK_TOKEN } = process.env;
      await fetch(KINDE_DEVHOOK_URL + "/_devhook/api/emit", {
        method: "POST",
        headers: { authorization: "Bearer " + KINDE_DEVHOOK_TOKEN, "content-type": "application/json" },
        body: JSON.stringify({ type: "user.created", to: "http://127.0.0.1:${port}/" }),
      });
    });`;
  return {
    "package.json": JSON.stringify({ scripts: { test: "node test.mjs", start: "node server.mjs" } }),
    "server.mjs": `${answering});`,
    "test.mjs": testing,
    "node_modules/.bin/playwright": '#!/bin/sh\n[ "$*" = test ] && exec node test.mjs\n',
  };
}
