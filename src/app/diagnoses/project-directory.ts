/** Which directory the project is, and whether what is kept there can be read, written and kept to oneself. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { isJsonObject } from "../../kinde/json.ts";
import { systemErrorCode } from "../../kinde/errors.ts";
import type { Project } from "../../project/directory.ts";
import { isOpenToOthers } from "../../project/exposure.ts";
import { fail, pass, warn, type Finding } from "./finding.ts";

const writableAdvice = "Make it writable, or set KINDE_DEVHOOK_HOME to a directory that is.";
const ownNames = ["keys.json", "state.json"];
const ownDirectories = ["history", "pending", "run", "shielded", "tls"];

/** @param home `KINDE_DEVHOOK_HOME`, if it is set. Nothing is made or changed. */
export function checkProject(project: Project, home: string | undefined): Finding {
  const { directory } = project;
  const isThere = existsSync(directory);
  const paths = isThere ? [directory, ...listOwn(directory)] : [nearestThere(directory)];
  for (const path of paths) {
    const refusal = refusalToWrite(
      path,
      path === paths[0] || ownDirectories.includes(relative(directory, path)),
    );
    if (refusal === undefined) continue;
    return fail("ERR_PROJECT_NOT_WRITABLE", `${path} can't be written (${refusal})`, writableAdvice);
  }
  const why = reasonFor(project, home, isThere);
  if (!isThere) return pass(`${directory}, made when it is needed (${why})`);
  return findCareless(project, paths) ?? pass(`${directory} (${why})`);
}

/** What works, and should not be left so. */
function findCareless({ root, directory }: Project, paths: readonly string[]): Finding | undefined {
  const isOurs = basename(directory) === ".kinde-devhook";
  // Who names a directory by KINDE_DEVHOOK_HOME may share it as they like; what lies in it is closed all the same.
  const open = paths.filter((path) => (isOurs || path !== directory) && isOpenToOthers(path));
  if (open.length > 0) {
    const shown = open.slice(0, 3).map((path) => relative(directory, path) || "it");
    const others = open.length > 3 ? ` and ${open.length - 3} more` : "";
    const rotate = open.includes(join(directory, "keys.json"))
      ? " If others may have read keys.json, have another key sign: `npx kinde-devhook keys rotate`, then `keys retire`."
      : "";
    return warn(
      "WARN_FILES_EXPOSED",
      `${directory}: other users of this machine can open ${shown.join(", ")}${others}`,
      `Close it to them: chmod -R go-rwx ${JSON.stringify(directory)}.${rotate}`,
    );
  }
  if (isOurs && isInGit(root) && !isIgnored(directory)) {
    return warn(
      "WARN_NOT_IGNORED",
      `${join(directory, ".gitignore")} does not keep git from taking the private key`,
      'Give it the one line "*".',
    );
  }
  if (isJsonFile(join(directory, "state.json"))) return undefined;
  return warn(
    "WARN_STATE_UNREADABLE",
    `${join(directory, "state.json")} can't be read, so that nothing is remembered`,
    "Restore it, or move it away.",
  );
}

function reasonFor({ root }: Project, home: string | undefined, isThere: boolean): string {
  if (home) return "KINDE_DEVHOOK_HOME";
  if (isThere) return "the nearest there is";
  return existsSync(join(root, "package.json")) ? "beside package.json" : "the working directory";
}

/** Files and directories of ours that are there. */
function listOwn(directory: string): string[] {
  const within = ownDirectories.flatMap((name) => {
    const path = join(directory, name);
    try {
      return [path, ...readdirSync(path).map((file) => join(path, file))];
    } catch {
      return existsSync(path) ? [path] : [];
    }
  });
  return [...ownNames.map((name) => join(directory, name)).filter((path) => existsSync(path)), ...within];
}

function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}

/** @returns the system's code when this user may not write there, or a file is where a directory has to be */
function refusalToWrite(path: string, isDirectory: boolean): string | undefined {
  try {
    accessSync(path, constants.W_OK);
    return isDirectory && !statSync(path).isDirectory() ? "ENOTDIR" : undefined;
  } catch (error) {
    // What was removed a moment ago is nobody's trouble.
    const code = systemErrorCode(error) ?? String(error);
    return code === "ENOENT" ? undefined : code;
  }
}

function isInGit(path: string): boolean {
  return existsSync(join(path, ".git")) || (dirname(path) !== path && isInGit(dirname(path)));
}

function isIgnored(directory: string): boolean {
  return read(join(directory, ".gitignore")).split(/\r?\n/).includes("*");
}

/** A file that is not there is none that is damaged. */
function isJsonFile(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    return isJsonObject(JSON.parse(read(path)));
  } catch {
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
