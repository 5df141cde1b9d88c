import { chmodSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFileOnce, removeLeftovers, replaceFile } from "../../src/project/atomic-file.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { modeOf, withUmask } from "./temporary-project.ts";

const notWritable: unknown = expect.objectContaining({ code: "ERR_PROJECT_NOT_WRITABLE" });

describe.each([
  ["replaceFile", replaceFile],
  ["createFileOnce", createFileOnce],
])("%s", (_, write) => {
  test.each([
    ["000", 0o000],
    ["022", 0o022],
    ["777", 0o777],
  ])("writes for the owner alone under umask %s, and leaves nothing else", async (_umask, umask) => {
    using directory = createTemporaryDirectory();
    const path = join(directory.path, "file.json");
    await withUmask(umask, () => write(path, "content é"));
    expect(readFileSync(path, "utf8")).toBe("content é");
    expect(modeOf(path)).toBe(0o600);
    expect(readdirSync(directory.path)).toEqual(["file.json"]);
  });

  test.each([
    ["into a directory that is not there", "missing/file.json"],
    ["below a file", "plain/file.json"],
  ])("refuses to write %s: ERR_PROJECT_NOT_WRITABLE", (_where, path) => {
    using directory = createTemporaryDirectory();
    writeFileSync(join(directory.path, "plain"), "");
    expect(() => write(join(directory.path, path), "content")).toThrow(notWritable);
    expect(readdirSync(directory.path)).toEqual(["plain"]);
  });
});

test("replaceFile puts new content, for the owner alone, in the place of the old", () => {
  using directory = createTemporaryDirectory();
  const path = join(directory.path, "file.json");
  writeFileSync(path, "a longer content than the next");
  chmodSync(path, 0o644);
  replaceFile(path, "short");
  expect(readFileSync(path, "utf8")).toBe("short");
  expect(modeOf(path)).toBe(0o600);
});

test("replaceFile leaves what was there when it can't be replaced", () => {
  using directory = createTemporaryDirectory();
  const file = join(directory.path, "taken");
  writeFileSync(join(directory.path, "other"), "");
  expect(() => replaceFile(directory.path, "content")).toThrow(notWritable);
  expect(readdirSync(directory.path)).toEqual(["other"]);
  replaceFile(file, "content");
  expect(readFileSync(file, "utf8")).toBe("content");
});

test("createFileOnce says who created the file, and never replaces it", () => {
  using directory = createTemporaryDirectory();
  const path = join(directory.path, "file.json");
  expect(createFileOnce(path, "first")).toBe(true);
  expect(createFileOnce(path, "second")).toBe(false);
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(readdirSync(directory.path)).toEqual(["file.json"]);
});

test("removeLeftovers removes what killed writers of the file have left, and nothing else", () => {
  using directory = createTemporaryDirectory();
  const left = ["file.json.123.0a1b2c3d.tmp", "file.json.9.ffffffff.tmp"];
  const others = ["file.json", "file.json.lock", "file.json.mine.tmp", "other.json.123.0a1b2c3d.tmp"];
  const long = new Date(Date.now() - 61_000);
  for (const name of [...left, ...others]) {
    writeFileSync(join(directory.path, name), "");
    utimesSync(join(directory.path, name), long, long);
  }
  // Of a writer that is still at it.
  writeFileSync(join(directory.path, "file.json.5.00000000.tmp"), "");
  removeLeftovers(join(directory.path, "file.json"));
  expect(readdirSync(directory.path).sort()).toEqual([...others, "file.json.5.00000000.tmp"].sort());
});
