import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ensureDirectory, findProject, ProjectNotWritableError } from "../../src/project/directory.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";
import { createTemporaryProject, modeOf, withUmask } from "./temporary-project.ts";

describe("the project of a working directory", () => {
  test.each([
    ["the directory itself without a mark anywhere", [], "a/b"],
    ["the directory itself if it has a package.json", ["a/b/package.json", "a/package.json"], "a/b"],
    ["the nearest ancestor with a package.json", ["a/package.json", "package.json"], "a"],
    ["the nearest ancestor with a .kinde-devhook", ["a/.kinde-devhook/", ".kinde-devhook/"], "a"],
    ["a far .kinde-devhook before a near package.json", [".kinde-devhook/", "a/b/package.json"], "."],
  ])("is %s", (_, marks, expected) => {
    using tree = createTemporaryDirectory();
    mkdirSync(join(tree.path, "a/b"), { recursive: true });
    for (const mark of marks) {
      if (mark.endsWith("/")) mkdirSync(join(tree.path, mark));
      else writeFileSync(join(tree.path, mark), "{}");
    }
    const root = join(tree.path, expected);
    expect(findProject(join(tree.path, "a/b"), undefined)).toEqual({
      root,
      directory: join(root, ".kinde-devhook"),
    });
  });

  test.each([
    ["an absolute path", (path: string) => join(path, "elsewhere/kept")],
    ["a path from the working directory", () => "../../elsewhere/kept"],
  ])("keeps its files in KINDE_DEVHOOK_HOME, %s, and its root", (_, home) => {
    using tree = createTemporaryDirectory();
    mkdirSync(join(tree.path, "a/b"), { recursive: true });
    writeFileSync(join(tree.path, "a/package.json"), "{}");
    expect(findProject(join(tree.path, "a/b"), home(tree.path))).toEqual({
      root: join(tree.path, "a"),
      directory: join(tree.path, "elsewhere/kept"),
    });
  });

  test("does not heed an empty KINDE_DEVHOOK_HOME", () => {
    using project = createTemporaryProject();
    expect(findProject(project.root, "")).toEqual({ root: project.root, directory: project.directory });
  });

  test("is found without making anything", () => {
    using project = createTemporaryProject();
    findProject(project.root, join(project.root, "home"));
    expect(readdirSync(project.root)).toEqual(["package.json"]);
  });
});

test.skipIf(process.platform === "win32")(
  "one directory has one name, whichever link it was reached by",
  () => {
    using tree = createTemporaryDirectory();
    mkdirSync(join(tree.path, "real"));
    symlinkSync(join(tree.path, "real"), join(tree.path, "link"));
    for (const home of ["real/.kinde-devhook", "link/.kinde-devhook"]) {
      expect(findProject(tree.path, join(tree.path, home)).directory).toBe(
        join(tree.path, "real/.kinde-devhook"),
      );
    }
  },
);

test("a KINDE_DEVHOOK_HOME with the user's own files stays visible to git", () => {
  using tree = createTemporaryDirectory();
  writeFileSync(join(tree.path, "mine.txt"), "");
  ensureDirectory(findProject(tree.path, tree.path));
  expect(readdirSync(tree.path)).toEqual(["mine.txt"]);
});

test.skipIf(process.platform === "win32")("an open .kinde-devhook is closed to others", () => {
  using project = createTemporaryProject();
  mkdirSync(project.directory, { mode: 0o755 });
  ensureDirectory(project);
  expect(modeOf(project.directory)).toBe(0o700);
});

describe("the directory", () => {
  test.each([
    ["000", 0o000],
    ["022", 0o022],
    ["777", 0o777],
  ])("is its owner's alone under umask %s, and so is one inside it", async (_, umask) => {
    using project = createTemporaryProject();
    const run = await withUmask(umask, () => ensureDirectory(project, "run"));
    expect(run).toBe(join(project.directory, "run"));
    expect([modeOf(project.directory), modeOf(run)]).toEqual([0o700, 0o700]);
  });

  test("is ignored by git", async () => {
    using project = createTemporaryProject();
    await withUmask(0, () => ensureDirectory(project));
    const ignoreFile = join(project.directory, ".gitignore");
    expect(readFileSync(ignoreFile, "utf8")).toBe("*\n");
    expect(modeOf(ignoreFile)).toBe(0o600);
  });

  test("keeps a .gitignore that its owner has changed", () => {
    using project = createTemporaryProject();
    ensureDirectory(project);
    const ignoreFile = join(project.directory, ".gitignore");
    writeFileSync(ignoreFile, "history\n");
    ensureDirectory(project);
    expect(readFileSync(ignoreFile, "utf8")).toBe("history\n");
  });

  test.each([
    ["below a file", "package.json/home"],
    ["where a file is", "package.json"],
  ])("can't be made %s: ERR_PROJECT_NOT_WRITABLE", (_, home) => {
    using project = createTemporaryProject();
    const elsewhere = { ...project, directory: join(project.root, home) };
    expect(() => ensureDirectory(elsewhere, "run")).toThrow(
      expect.objectContaining({ code: "ERR_PROJECT_NOT_WRITABLE" }),
    );
    expect(existsSync(project.directory)).toBe(false);
  });
});

test.each([
  ["EACCES", "Make it writable"],
  ["ENOSPC", "Free some space"],
  ["EDQUOT", "Free some space"],
])("what %s stands in the way of is told with what helps: %s", (code, advice) => {
  const cause = Object.assign(new Error(code), { code });
  expect(new ProjectNotWritableError("/project/keys.json", cause).message).toContain(advice);
});
