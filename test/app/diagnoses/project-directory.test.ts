import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkProject } from "../../../src/app/diagnoses/project-directory.ts";
import { ensureDirectory, findProject, type Project } from "../../../src/project/directory.ts";
import { updateState } from "../../../src/project/state-file.ts";
import { createTemporaryDirectory } from "../../helpers/temporary-directory.ts";
import { signingKey } from "../../helpers/keys.ts";
import { createTemporaryProject, keysFileOf, writeKeysFile } from "../../project/temporary-project.ts";

/** A project in use: what commands leave there. */
function createUsedProject(): Project & Disposable {
  const project = createTemporaryProject();
  ensureDirectory(project, "run");
  ensureDirectory(project, "history");
  ensureDirectory(project, "shielded");
  writeKeysFile(project, keysFileOf(signingKey));
  updateState(project, { subdomain: "devhook-abc" });
  return project;
}

describe("the project's directory", () => {
  test("passes as commands leave it, and as long as it is not made", () => {
    using used = createUsedProject();
    expect(checkProject(used, undefined)).toMatchObject({
      verdict: "pass",
      message: `${used.directory} (the nearest there is)`,
    });
    using fresh = createTemporaryProject();
    expect(checkProject(fresh, undefined)).toMatchObject({ verdict: "pass" });
    expect(readdirSync(fresh.root)).toEqual(["package.json"]);
  });

  test("is told with what has chosen it", () => {
    using temporary = createTemporaryDirectory();
    const messageIn = (home?: string): string =>
      checkProject(findProject(temporary.path, home), home).message;
    expect(messageIn()).toContain("the working directory");
    writeFileSync(join(temporary.path, "package.json"), "{}");
    expect(messageIn()).toContain("beside package.json");
    expect(messageIn("elsewhere")).toContain("elsewhere, made when it is needed (KINDE_DEVHOOK_HOME)");
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "must be made writable where this user may not write",
    () => {
      using project = createUsedProject();
      chmodSync(join(project.directory, "run"), 0o500);
      expect(checkProject(project, undefined)).toMatchObject({
        verdict: "fail",
        code: "ERR_PROJECT_NOT_WRITABLE",
      });
    },
  );

  test("must be another where a file is in its way", () => {
    using project = createTemporaryProject();
    const home = join(project.root, "package.json", "home");
    const inTheWay = { ...project, directory: home };
    expect(checkProject(inTheWay, home)).toMatchObject({ verdict: "fail", code: "ERR_PROJECT_NOT_WRITABLE" });
    writeFileSync(project.directory, "");
    expect(checkProject(project, undefined)).toMatchObject({
      verdict: "fail",
      code: "ERR_PROJECT_NOT_WRITABLE",
    });
  });

  test
    .skipIf(process.platform === "win32")
    .each([["."], ["keys.json"], ["run"], ["shielded"], ["state.json"]])(
    "is to look at when others can open %s, which stays as it is",
    (name) => {
      using project = createUsedProject();
      const path = join(project.directory, name);
      chmodSync(path, 0o755);
      expect(checkProject(project, undefined)).toMatchObject({ verdict: "warn", code: "WARN_FILES_EXPOSED" });
      expect(statSync(path).mode & 0o777).toBe(0o755);
    },
  );

  test.skipIf(process.platform === "win32")(
    "of KINDE_DEVHOOK_HOME may be open, and its files may not",
    () => {
      using project = createTemporaryProject();
      const home = { root: project.root, directory: join(project.root, "shared") };
      writeKeysFile(home, keysFileOf(signingKey));
      chmodSync(home.directory, 0o755);
      expect(checkProject(home, home.directory)).toMatchObject({ verdict: "pass" });
      chmodSync(join(home.directory, "keys.json"), 0o644);
      expect(checkProject(home, home.directory)).toMatchObject({
        verdict: "warn",
        code: "WARN_FILES_EXPOSED",
      });
    },
  );

  test("is to look at when git may take the key", () => {
    using project = createUsedProject();
    const ignoreFile = join(project.directory, ".gitignore");
    rmSync(ignoreFile);
    expect(checkProject(project, undefined)).toMatchObject({ verdict: "pass" });
    mkdirSync(join(project.root, ".git"));
    expect(checkProject(project, undefined)).toMatchObject({ verdict: "warn", code: "WARN_NOT_IGNORED" });
    expect(existsSync(ignoreFile)).toBe(false);
  });

  test.each(["{", "[]", ""])("is to look at when what is remembered is %j", (content) => {
    using project = createUsedProject();
    writeFileSync(join(project.directory, "state.json"), content, { mode: 0o600 });
    expect(checkProject(project, undefined)).toMatchObject({
      verdict: "warn",
      code: "WARN_STATE_UNREADABLE",
    });
  });
});
