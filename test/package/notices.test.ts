import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBundledPackages } from "./bundled-packages.ts";
import { installPackage, type InstalledPackage } from "./installed-package.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed[Symbol.dispose]());

/** What this project itself names as a dependency, of whatever kind. */
const direct = new Set(
  Object.keys(
    (JSON.parse(readFileSync("package.json", "utf8")) as { devDependencies: Record<string, string> })
      .devDependencies,
  ),
);
const permissive = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0"]);
const rule = `\n${"-".repeat(80)}\n\n`;

test("THIRD-PARTY-NOTICES names the packages whose code is in the bundle, each once and no other", async () => {
  const bundled = (await findBundledPackages(installed)).map(
    ({ name, version, license }) => `${name} ${version} (${license})`,
  );
  const named = readNotices(installed.read("THIRD-PARTY-NOTICES")).map(({ heading }) => heading);
  expect(named.toSorted()).toEqual([...new Set(bundled)].toSorted());
});

test("THIRD-PARTY-NOTICES holds the licence text of each of them, word for word", async () => {
  const notices = readNotices(installed.read("THIRD-PARTY-NOTICES"));
  const withoutText = (await findBundledPackages(installed)).filter(({ name, version, root }) => {
    const notice = notices.find(({ heading }) => heading.startsWith(`${name} ${version} (`));
    const texts = readdirSync(root)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(`${root}/${file}`, "utf8").trim());
    return texts.length === 0 || !texts.every((text) => notice?.text.includes(text));
  });
  expect(withoutText).toEqual([]);
});

test("what is in the bundle is under a permissive licence", async () => {
  const licenses = new Set((await findBundledPackages(installed)).map(({ license }) => license));
  expect([...licenses].filter((license) => !permissive.has(license))).toEqual([]);
});

test("of localtunnel the bundle holds the data plane, and none of what it depends on beside", () => {
  const code = installed.files.filter((file) => file.endsWith(".js")).map((file) => installed.read(file));
  expect(code.some((text) => text.includes("TunnelCluster"))).toBe(true);
  expect(code.filter((text) => /axios|openurl/.test(text))).toEqual([]);
});

test("of our own choice the bundle holds cross-spawn, express, localtunnel, preact, ws, yargs and how certificates are written; cryptography is Node's", async () => {
  const names = (await findBundledPackages(installed)).map(({ name }) => name);
  expect(names.filter((name) => direct.has(name)).toSorted()).toEqual([
    "@peculiar/asn1-schema",
    "@peculiar/asn1-x509",
    "cross-spawn",
    "express",
    "localtunnel",
    "preact",
    "ws",
    "yargs",
    "yargs-parser",
  ]);
});

function readNotices(text: string): { readonly heading: string; readonly text: string }[] {
  return text
    .split(rule)
    .slice(1)
    .map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return { heading, text: lines.join("\n") };
    });
}
