import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  listRunFiles,
  readRunFile,
  removeRunFile,
  writeRunFile,
  type RunRecord,
} from "../../src/project/run-file.ts";
import { createTemporaryProject, modeOf, withUmask } from "./temporary-project.ts";

const record: RunRecord = {
  port: 4455,
  pid: process.pid,
  command: "mock",
  token: "secret",
  webhooks: ["http://x/"],
};

test("a record is read by its port, and its file is its owner's alone", async () => {
  using project = createTemporaryProject();
  await withUmask(0, () => writeRunFile(project, record));
  expect(readRunFile(project, 4455)).toEqual(record);
  expect(readRunFile(project, 4456)).toBeUndefined();
  const directory = join(project.directory, "run");
  expect([modeOf(directory), modeOf(join(directory, "4455.json"))]).toEqual([0o700, 0o600]);
});

test("a process removes its own record, not that of the one that came after", () => {
  using project = createTemporaryProject();
  const later = { ...record, token: "another" };
  writeRunFile(project, record);
  writeRunFile(project, later);
  removeRunFile(project, record);
  expect(readRunFile(project, 4455)).toEqual(later);
  removeRunFile(project, later);
  expect(readRunFile(project, 4455)).toBeUndefined();
});

test("a list has what ended processes left too: a pid of another container says nothing here", () => {
  using project = createTemporaryProject();
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  writeRunFile(project, record);
  writeRunFile(project, { ...record, port: 4460, pid: dead, token: "of the dead" });
  expect(listRunFiles(project).map(({ port }) => port)).toEqual([4455, 4460]);
  expect(readdirSync(join(project.directory, "run"))).toEqual(["4455.json", "4460.json"]);
});

test("a tunnel's URL joins its record once it is open, and goes with it", () => {
  using project = createTemporaryProject();
  const tunnel: RunRecord = { ...record, command: "tunnel", webhooks: [] };
  writeRunFile(project, tunnel);
  expect(readRunFile(project, 4455)).toEqual(tunnel);
  const open = { ...tunnel, publicUrl: "https://acme-devhook.tunnel.example" };
  writeRunFile(project, open);
  expect(listRunFiles(project)).toEqual([open]);
  // What began without a URL is the same process.
  removeRunFile(project, tunnel);
  expect(listRunFiles(project)).toEqual([]);
});

test("what is no record of a port is not listed: another file, or what a killed process was writing", () => {
  using project = createTemporaryProject();
  writeRunFile(project, record);
  const directory = join(project.directory, "run");
  for (const name of ["4456.json.123.abc.tmp", "notes.json", "4457.json.bak", "x4458.json"]) {
    writeFileSync(join(directory, name), JSON.stringify({ ...record, port: 4456 }));
  }
  expect(listRunFiles(project)).toEqual([record]);
});

test("a project that has run nothing has no records", () => {
  using project = createTemporaryProject();
  expect(listRunFiles(project)).toEqual([]);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "{}",
  JSON.stringify({ ...record, pid: "1" }),
  JSON.stringify({ ...record, token: 1 }),
])("a file that holds no record, %s, counts as none and is left alone", (content) => {
  using project = createTemporaryProject();
  const path = join(project.directory, "run", "4455.json");
  mkdirSync(join(project.directory, "run"), { recursive: true });
  writeFileSync(path, content);
  expect(readRunFile(project, 4455)).toBeUndefined();
  expect(listRunFiles(project)).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe(content);
});
