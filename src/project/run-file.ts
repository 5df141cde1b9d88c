/** `run/<port>.json`: who of this project serves the local issuer, and the token for its control API. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { replaceFile } from "./atomic-file.ts";
import { ensureDirectory, type Project } from "./directory.ts";

export interface RunRecord {
  readonly port: number;
  readonly pid: number;
  /** The command that serves: `emit`, `replay`, `mock`, `tunnel`. */
  readonly command: string;
  /** When it began to serve, in epoch milliseconds. */
  readonly startedAt?: number;
  /** The bearer token of the control API. */
  readonly token: string;
  /** The endpoints of a mock's webhooks. */
  readonly webhooks: readonly string[];
  /** Of a tunnel, once it is open. */
  readonly publicUrl?: string;
}

/** @throws {ProjectNotWritableError} `ERR_PROJECT_NOT_WRITABLE` */
export function writeRunFile(project: Project, record: RunRecord): void {
  const directory = ensureDirectory(project, "run");
  // It tells of a running process: what has lost its power runs no more.
  replaceFile(join(directory, `${record.port}.json`), `${JSON.stringify(record)}\n`, false);
}

/** Removes the record of a port, unless another process has taken it over. */
export function removeRunFile(project: Project, { port, token }: RunRecord): void {
  if (readRunFile(project, port)?.token === token) rmSync(runPath(project, port), { force: true });
}

/** The record of a port; of a process that is no more it means nothing, so ask its `health` too. */
export function readRunFile(project: Project, port: number): RunRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(runPath(project, port), "utf8"));
    return isRunRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What the processes of this project left, the ended ones too. Whether one runs only its `health` says: its pid
 * means nothing in another container that shares the project, and after a restart it may be another's.
 */
export function listRunFiles(project: Project): RunRecord[] {
  let files: string[];
  try {
    files = readdirSync(join(project.directory, "run"));
  } catch {
    return [];
  }
  return files
    .filter((file) => /^\d+\.json$/.test(file))
    .flatMap((file) => readRunFile(project, Number.parseInt(file, 10)) ?? []);
}

function runPath(project: Project, port: number): string {
  return join(project.directory, "run", `${port}.json`);
}

function isRunRecord(value: unknown): value is RunRecord & JsonObject {
  return (
    isJsonObject(value) &&
    typeof value["port"] === "number" &&
    typeof value["pid"] === "number" &&
    typeof value["command"] === "string" &&
    typeof value["token"] === "string" &&
    Array.isArray(value["webhooks"])
  );
}
