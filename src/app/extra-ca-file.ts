/** A file for NODE_EXTRA_CA_CERTS, which names one alone: what it held before, and our CA. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DevhookError } from "../kinde/errors.ts";

export interface ExtraCaFile {
  readonly path: string;
  /** Why the file that was named before could not be read; `undefined` when it could, or none was named. */
  readonly failure: unknown;
  /** Takes the file away, and the directory that it lies in. */
  remove(): void;
}

export class TemporaryFileError extends DevhookError {
  override readonly code = "ERR_TEMPORARY_FILE";
  constructor(cause: unknown) {
    super(
      `Failed to write a temporary file: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        "Make room in the system's temporary directory, or set TMPDIR to another.",
    );
    this.cause = cause;
  }
}

/**
 * Writes the file into a directory of its own, for its owner's eyes only.
 * @param caPem our CA's certificate
 * @param formerPath what NODE_EXTRA_CA_CERTS names so far
 * @throws {TemporaryFileError} `ERR_TEMPORARY_FILE`
 */
export function writeExtraCaFile(caPem: string, formerPath: string | undefined): ExtraCaFile {
  const former = readFormer(formerPath);
  let directory: string | undefined;
  const remove = (): void => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  try {
    directory = mkdtempSync(join(tmpdir(), "kinde-devhook-run-"));
    const path = join(directory, "ca.pem");
    // A file need not end its last line, and a certificate has to begin one.
    writeFileSync(path, [former.text, caPem].filter((text) => text !== "").join("\n"), { mode: 0o600 });
    return { path, failure: former.failure, remove };
  } catch (error) {
    remove();
    throw new TemporaryFileError(error);
  }
}

function readFormer(path: string | undefined): { readonly text: string; readonly failure?: unknown } {
  if (path === undefined || path === "") return { text: "" };
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (failure) {
    // Node warns of such a file and goes on without it; so do we.
    return { text: "", failure };
  }
}
