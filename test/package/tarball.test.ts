/** The packed tarball, installed into an empty directory, on every Node there is to try it on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCi } from "../helpers/ci.ts";
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
    ["triggers", /user\.created/],
    ["triggers user.updated", /captured/],
    ["keys show", /"kty": "RSA"/],
    ["emit user.created --print token", /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m],
    ["emit user.created --print claims", /"event_id": "event_/],
  ])("`kinde-devhook %s` works from an empty directory", (line, expected) => {
    expect(cli(...line.split(" "))).toMatch(expected);
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
