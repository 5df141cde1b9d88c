/** The built page, read once. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { DevhookError } from "../kinde/errors.ts";

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** Of its bytes. */
  readonly etag: string;
}

/** Parts of the package are missing. */
export class PageMissingError extends DevhookError {
  override readonly code = "ERR_PAGE_MISSING";
  constructor(name: string, cause: unknown) {
    super(`Failed to read the inspector's page: ${name} is missing. Install kinde-devhook again.`, { cause });
  }
}

const types: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "inspector.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
};

// Of the built file: `dist/vendor/inspector.js`.
const besideBundle = fileURLToPath(new URL("../inspector", import.meta.url));

/**
 * @param directory where the files are. Default: beside the bundle that this is in
 * @returns by their names
 * @throws {PageMissingError} `ERR_PAGE_MISSING`
 */
export async function readPage(directory: string = besideBundle): Promise<ReadonlyMap<string, PageFile>> {
  const files = await Promise.all(
    Object.entries(types).map(
      async ([name, type]) => [name, await readPageFile(directory, name, type)] as const,
    ),
  );
  return new Map(files);
}

async function readPageFile(directory: string, name: string, type: string): Promise<PageFile> {
  const bytes = await readFile(`${directory}/${name}`).catch((error: unknown) => {
    throw new PageMissingError(name, error);
  });
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  return { type, bytes, gzipped: await promisify(gzip)(bytes), etag };
}
