/** `state.json`: what one command remembers for the next. Nothing in it is needed to go on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { replaceFile } from "./atomic-file.ts";
import { ensureDirectory, ProjectNotWritableError, type Project } from "./directory.ts";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";
import { withLock } from "./lock.ts";

export interface State {
  /** The name that the tunnel has at the localtunnel server. */
  readonly subdomain?: string;
  /** The localtunnel server that gave it, unless it is the default one. */
  readonly host?: string;
  /** Another tunnel than the localtunnel server's, as it was given. */
  readonly tunnel?: RememberedTunnel | undefined;
  /** The real issuer, as it was given by `--issuer`. */
  readonly issuer?: string;
  /** What the tunnel was told to forward to, as it was written. */
  readonly forward?: readonly string[];
  /** The URL that last answered an emitted event with 200. */
  readonly lastEndpoint?: string;
}

/** ngrok's, which leads to a port of ours or to the one that was chosen; or one that somebody else runs. */
export type RememberedTunnel =
  | { readonly provider: "ngrok"; readonly intakePort?: number }
  | { readonly publicUrl: string; readonly intakePort: number };

/** What is remembered; nothing when the file is missing or can't be read. */
export function readState(project: Project): State {
  const { subdomain, host, tunnel, issuer, forward, lastEndpoint } = readStateFile(project) ?? {};
  const rememberedTunnel = readTunnel(tunnel);
  return {
    ...(typeof subdomain === "string" && { subdomain }),
    ...(typeof host === "string" && { host }),
    ...(rememberedTunnel !== undefined && { tunnel: rememberedTunnel }),
    ...(typeof issuer === "string" && { issuer }),
    ...(Array.isArray(forward) && { forward: forward.map(String) }),
    ...(typeof lastEndpoint === "string" && { lastEndpoint }),
  };
}

/** One of a kind that this version does not know is as good as forgotten. */
function readTunnel(tunnel: unknown): RememberedTunnel | undefined {
  if (!isJsonObject(tunnel)) return undefined;
  const { provider, publicUrl, intakePort } = tunnel;
  const isPort =
    typeof intakePort === "number" && Number.isInteger(intakePort) && intakePort > 0 && intakePort <= 65_535;
  if (provider === "ngrok") return { provider, ...(isPort && { intakePort }) };
  return provider === undefined && typeof publicUrl === "string" && isPort
    ? { publicUrl, intakePort }
    : undefined;
}

/**
 * Remembers something, or forgets what is `undefined`; what else the file holds is kept. A file that can't be read is left as it is.
 * @returns whether it could be remembered
 * @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE`
 */
export function updateState(project: Project, patch: State): boolean {
  if (readStateFile(project) === undefined) return false;
  ensureDirectory(project);
  const path = join(project.directory, "state.json");
  try {
    return withLock(`${path}.lock`, () => {
      const current = readStateFile(project);
      if (current === undefined) return false;
      replaceFile(path, `${JSON.stringify({ ...current, version: 1, ...patch }, undefined, 2)}\n`);
      return true;
    });
  } catch (cause) {
    if (cause instanceof DevhookError) throw cause;
    throw new ProjectNotWritableError(path, cause);
  }
}

/** @returns an empty object when there is no file, `undefined` when it can't be read */
function readStateFile(project: Project): JsonObject | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(join(project.directory, "state.json"), "utf8"));
    return isJsonObject(file) ? file : undefined;
  } catch (error) {
    return systemErrorCode(error) === "ENOENT" ? {} : undefined;
  }
}
