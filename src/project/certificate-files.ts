/**
 * `tls/` of a project: the certificate of its local issuer, with its key, in `server.pem`, and the CA that clients are
 * told to trust in `ca.pem`. Nothing in it is needed to go on: what is damaged, or over, is made anew.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DevhookError } from "../kinde/errors.ts";
import { expiryOf, loadCertificateMaker, type LocalCertificates } from "../net/local-certificates.ts";
import { replaceFile } from "./atomic-file.ts";
import { ensureDirectory, ProjectNotWritableError, type Project } from "./directory.ts";
import { hideFromOthers } from "./exposure.ts";
import { withLock } from "./lock.ts";

export interface CertificateFiles {
  readonly certificates: LocalCertificates;
  /** Where the CA is. */
  readonly caPath: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

// Who has read the CA at its start relies on it for days.
const spareMs = 7 * 24 * 60 * 60_000;

/**
 * The project's certificates, made now if there are none that are good for a week at least. Of two commands that start
 * at once one makes them and both use them.
 * @param now epoch milliseconds
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export async function ensureCertificates(project: Project, now: number): Promise<CertificateFiles> {
  const known = readCertificates(project, now);
  if (known !== undefined && readText(known.caPath) === known.certificates.ca) {
    // Nobody is warned of it: whoever has read this key can't use it without a port of this machine.
    hideFromOthers(serverPath(project));
    return known;
  }
  // Ahead of the lock, which is for milliseconds.
  const make = await loadCertificateMaker();
  const directory = ensureDirectory(project, "tls");
  try {
    return withLock(join(directory, "lock"), () => {
      if (readCertificates(project, now) === undefined) {
        const { key, certificate, ca } = make(now);
        replaceFile(serverPath(project), `${key}${certificate}${ca}`);
      }
      const files = readCertificates(project, now);
      if (files === undefined) throw new Error("what was written is not what is read");
      replaceFile(files.caPath, files.certificates.ca);
      return files;
    });
  } catch (cause) {
    if (cause instanceof DevhookError) throw cause;
    throw new ProjectNotWritableError(directory, cause);
  }
}

/**
 * The project's certificates as they are.
 * @param now epoch milliseconds
 * @returns `undefined` when there are none that are good for a week at least
 */
export function readCertificates(project: Project, now: number): CertificateFiles | undefined {
  // One file, so that what belongs together is replaced together.
  const text = readText(serverPath(project)) ?? "";
  const [key, certificate, ca, ...more] = text.match(/-----BEGIN (.+)-----\n[^-]+-----END \1-----\n/g) ?? [];
  if (key === undefined || certificate === undefined || ca === undefined || more.length > 0) return undefined;
  const certificates = { key, certificate, ca };
  const expiresAt = expiryOf(certificates, now);
  if (expiresAt === undefined || expiresAt - now <= spareMs) return undefined;
  return { certificates, caPath: join(project.directory, "tls", "ca.pem"), expiresAt };
}

/**
 * The project's certificates for as long as a server runs: another process may make them anew, and then clients that start
 * trust the new ones. Of itself the server keeps them to their end, for its clients have read this CA.
 * @returns what gives the certificates, the same until they change
 */
export function followCertificates(project: Project, now: () => number): () => Promise<LocalCertificates> {
  let last: { readonly files: CertificateFiles; readonly version: string | undefined } | undefined;
  return async () => {
    const version = versionOf(serverPath(project));
    // Of files that are gone the server still has what its clients trust.
    const isSame = version === undefined || version === last?.version;
    if (last !== undefined && isSame && now() < last.files.expiresAt) return last.files.certificates;
    // The version from before: what is replaced meanwhile is read again the next time.
    last = { files: await ensureCertificates(project, now()), version };
    return last.files.certificates;
  };
}

function serverPath(project: Project): string {
  return join(project.directory, "tls", "server.pem");
}

/** Changes whenever the file is replaced; `undefined` as long as there is none. */
function versionOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
}

/** @returns `undefined` when it is not there, or not for us to read */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
