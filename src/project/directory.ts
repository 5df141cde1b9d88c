/** Where a project keeps what kinde-devhook remembers: its `.kinde-devhook` directory. */
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";

export interface Project {
  /** Where `.env` files, package.json and `--config` are looked for. */
  readonly root: string;
  /** The `.kinde-devhook` directory; it may not exist yet. */
  readonly directory: string;
}

const directoryName = ".kinde-devhook";

/** The project's files can't be written. */
export class ProjectNotWritableError extends DevhookError {
  override readonly code = "ERR_PROJECT_NOT_WRITABLE";
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super(
      `Failed to write ${path}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        (isFull(cause)
          ? "Free some space there, or set KINDE_DEVHOOK_HOME to a directory that has some."
          : "Make it writable, or set KINDE_DEVHOOK_HOME to a directory that is."),
    );
    this.path = path;
    this.cause = cause;
  }
}

/**
 * The project that a working directory belongs to: the nearest ancestor with a `.kinde-devhook`,
 * else with a package.json, else the directory itself. Nothing is created.
 * @param home `KINDE_DEVHOOK_HOME`: if set, it is the `.kinde-devhook` directory
 */
export function findProject(workingDirectory: string, home: string | undefined): Project {
  const ancestors = listAncestors(workingDirectory);
  const root =
    ancestors.find((ancestor) => existsSync(join(ancestor, directoryName))) ??
    ancestors.find((ancestor) => existsSync(join(ancestor, "package.json"))) ??
    workingDirectory;
  const directory = home ? resolve(workingDirectory, home) : join(root, directoryName);
  return { root, directory: resolveLinks(directory) };
}

/**
 * Makes the directory, or one inside it, for its owner's eyes only, whatever the umask; git ignores it.
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function ensureDirectory(project: Project, ...inside: string[]): string {
  const path = join(project.directory, ...inside);
  try {
    const isOurs = makeDirectory(project.directory) || basename(project.directory) === directoryName;
    if (isOurs) hideFromOthers(project.directory);
    const ignoreFile = join(project.directory, ".gitignore");
    // KINDE_DEVHOOK_HOME may name a directory with the user's own files, which git must not be told to ignore.
    if (isOurs && !existsSync(ignoreFile)) writeFileSync(ignoreFile, "*\n", { mode: 0o600 });
    makeDirectory(path);
  } catch (cause) {
    throw new ProjectNotWritableError(path, cause);
  }
  return path;
}

/** Level by level: Node's own recursive way never returns where the system says "no such file" for good (/proc). @returns whether it was made */
function makeDirectory(path: string): boolean {
  if (existsSync(path)) return false;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process of the project was faster.
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  }
  chmodSync(path, 0o700);
  return true;
}

function hideFromOthers(path: string): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, 0o700);
  } catch {
    // Another user's directory that is shared with us: its files are closed to others all the same.
  }
}

/** One name for one directory, whichever link it was reached by: processes compare their projects by it. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(resolveLinks(dirname(path)), basename(path));
  }
}

function listAncestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...listAncestors(parent)];
}

function isFull(cause: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(systemErrorCode(cause) ?? "");
}
