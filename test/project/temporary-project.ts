import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportPrivateJwk, type SigningKey } from "../../src/kinde/signing-key.ts";
import type { Project } from "../../src/project/directory.ts";
import { createTemporaryDirectory } from "../helpers/temporary-directory.ts";

/** A project with a package.json and nothing else, gone at the end of the block. */
export function createTemporaryProject(): Project & Disposable {
  const temporary = createTemporaryDirectory();
  writeFileSync(join(temporary.path, "package.json"), "{}\n");
  return {
    root: temporary.path,
    directory: join(temporary.path, ".kinde-devhook"),
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
}

/** The content of a keys file that holds this key. */
export function keysFileOf({ kid, ...key }: SigningKey): string {
  const record = {
    kid,
    createdAt: "2026-01-02T03:04:05.000Z",
    privateKey: exportPrivateJwk({ kid, ...key }),
  };
  return `${JSON.stringify({ version: 1, keys: [record] }, undefined, 2)}\n`;
}

/** Writes `keys.json` as an earlier command would have left it. @returns its path */
export function writeKeysFile(project: Project, content: string | Buffer): string {
  mkdirSync(project.directory, { recursive: true, mode: 0o700 });
  const path = join(project.directory, "keys.json");
  writeFileSync(path, content);
  chmodSync(path, 0o600);
  return path;
}

/** The permissions of a file, as in `0o600`. */
export function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** Runs with another umask, and puts the old one back. */
export async function withUmask<Result>(umask: number, run: () => Result | Promise<Result>): Promise<Result> {
  const before = process.umask(umask);
  try {
    return await run();
  } finally {
    process.umask(before);
  }
}
