/** The packed tarball, installed into an empty directory, on every Node there is to try it on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
import { startCli } from "../helpers/cli.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { startLocaltunnelServer } from "../helpers/localtunnel-server.mjs";
import { startReceiver } from "../helpers/receiver.ts";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { createTemporaryDirectory, type TemporaryDirectory } from "../helpers/temporary-directory.ts";

const otherNodes = (process.env["DEVHOOK_NODES"] ?? "").split(",").filter((path) => path !== "");
const maxInstalledBytes = 3_000_000;

let directory: TemporaryDirectory;
let app: string;
let installed: string;

beforeAll(() => {
  directory = createTemporaryDirectory();
  const [{ filename }] = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", directory.path], process.cwd()),
  ) as [{ filename: string }];
  app = join(directory.path, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{"type":"module"}');
  // Nothing is asked of a registry: the package has no dependencies.
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(directory.path, filename)], app);
  installed = join(app, "node_modules", "kinde-devhook");
});

afterAll(() => directory[Symbol.dispose]());

test("the package installs alone, without install scripts, within 3 MB", () => {
  expect(readdirSync(join(app, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
    "kinde-devhook",
  ]);
  expect(listFiles(installed).reduce((bytes, file) => bytes + statSync(file).size, 0)).toBeLessThan(
    maxInstalledBytes,
  );
  const { scripts } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
});

test("of localtunnel the package holds the data plane, and none of what it depends on beside", () => {
  const code = listFiles(join(installed, "dist")).map((file) => readFileSync(file, "utf8"));
  expect(code.some((text) => text.includes("TunnelCluster"))).toBe(true);
  expect(code.filter((text) => /axios|openurl/.test(text))).toEqual([]);
  expect(readFileSync(join(installed, "THIRD-PARTY-NOTICES"), "utf8")).toMatch(
    /^localtunnel 2\.0\.2 \(MIT\)$/m,
  );
});

test("the package holds what it needs and no more", () => {
  const files = new Set(
    listFiles(installed).map((file) =>
      relative(installed, file).replace(/^dist\/(chunks|types)\/.*/, "dist/$1/…"),
    ),
  );
  expect([...files].toSorted()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "THIRD-PARTY-NOTICES",
    "dist/chunks/…",
    "dist/cli.js",
    "dist/index.js",
    "dist/types/…",
    "package.json",
  ]);
});

const nodes = [process.execPath, ...otherNodes].map((node) => ({
  node,
  version: run(node, ["--version"], process.cwd()).trim(),
}));

describe.each(nodes)("on Node $version", ({ node }) => {
  const cli = (...args: string[]): string => run(node, [join(installed, "dist/cli.js"), ...args], app);

  test.each([
    ["--help", /kinde-devhook emit/],
    ["emit --help", /--webhook-id/],
    ["mock --help", /--webhook/],
    ["tunnel --help", /--subdomain/],
    ["triggers", /user\.created/],
    ["triggers user.updated", /captured/],
    ["keys show", /"kty": "RSA"/],
    ["completion bash", /^complete -F/m],
    ["completion zsh", /^compdef /m],
    ["completion fish", /^complete -c/m],
    ["completion --candidates bash emit user.cr", /^user\.created$/m],
    ["emit user.created --print token", /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m],
    ["emit user.created --print claims", /"event_id": "event_/],
  ])("`kinde-devhook %s` works from an empty directory", (line, expected) => {
    expect(cli(...line.split(" "))).toMatch(expected);
  });

  test("`tunnel` brings a webhook through the real localtunnel server to the app", async () => {
    await using server = await startLocaltunnelServer();
    await using kinde = await startStandInKinde();
    await using receiver = await startReceiver();
    const options = { issuer: kinde.issuer, host: server.url, "issuer-port": await findFreePort() };
    const flags = Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    await using tunnel = startCli(["tunnel", String(receiver.port), "--json", ...flags], {
      cwd: app,
      bin: join(installed, "dist/cli.js"),
      node,
    });
    const { publicUrl } = JSON.parse(await tunnel.line(/"record":"ready"/)) as { publicUrl: string };
    const token = kinde.signWebhook("user.created");
    expect((await kinde.deliver(`${publicUrl}/api/webhook`, token)).status).toBe(200);
    expect((await receiver.next()).body.toString()).toBe(token);
    expect((await kinde.deliver(`${publicUrl}/api/webhook`, kinde.accessToken())).status).toBe(401);
    tunnel.child.kill("SIGINT");
    expect((await tunnel.ended).code).toBe(130);
  });

  test("the library loads by import and by require", () => {
    const use = "m.eventTypes.length + m.isUserError.name";
    expect(
      run(
        node,
        ["--input-type=module", "-e", `import * as m from "kinde-devhook"; console.log(${use})`],
        app,
      ),
    ).toBe("27isUserError\n");
    expect(
      run(
        node,
        ["--input-type=commonjs", "-e", `const m = require("kinde-devhook"); console.log(${use})`],
        app,
      ),
    ).toBe("27isUserError\n");
  });
});

// A fresh machine has one Node; CI brings the others.
test.skipIf(!isCi && otherNodes.length === 0)("two other Nodes were tried", () => {
  expect(otherNodes).toHaveLength(2);
});

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function listFiles(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inner = join(path, entry.name);
    return entry.isDirectory() ? listFiles(inner) : [inner];
  });
}
