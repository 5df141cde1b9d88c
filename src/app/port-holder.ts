/** Who has the local issuer's port: nobody, this project, another project, a stranger. */
import { DevhookError } from "../kinde/errors.ts";
import { isJsonObject } from "../kinde/json.ts";
import { findPortOwner } from "../net/port-owner.ts";
import { RequestError } from "../net/request-error.ts";
import { request } from "../net/request.ts";
import type { Project } from "../project/directory.ts";
import type { RunRecord } from "../project/run-file.ts";

export type PortHolder =
  | { readonly kind: "this-project"; readonly pid: number; readonly keyIds: readonly string[] }
  | {
      readonly kind: "other-project";
      readonly pid: number;
      /** `null` for a mock of the library, which has none. */
      readonly project: string | null;
    }
  | {
      readonly kind: "stranger";
      readonly pid: number | undefined;
      readonly command: string | undefined;
      /** It ended the connection without an answer. So does an issuer that closes at this very moment. */
      readonly hungUp: boolean;
    };

// An issuer of ours loads what answers this at the first question, which takes seconds on a machine that is busy or
// just awake; it must not be taken for a stranger then. `doctor` waits for 5 s in all.
const healthTimeoutMs = 4_000;

/**
 * Asks the port's `health`; `undefined` when nobody listens.
 * @param project ours, if we have one
 */
export async function findPortHolder(
  port: number,
  project: Project | undefined,
): Promise<PortHolder | undefined> {
  let health: unknown;
  let hungUp = false;
  try {
    const { body } = await request(new URL(`http://localhost:${port}/_devhook/api/health`), {
      method: "GET",
      headers: {},
      timeoutMs: healthTimeoutMs,
      maxBodyBytes: 1 << 16,
    });
    health = JSON.parse(body.toString());
  } catch (error) {
    if (error instanceof RequestError && error.code === "ERR_CONNECTION_REFUSED") return undefined;
    hungUp = error instanceof RequestError && error.code === "ERR_CONNECTION_CLOSED";
  }
  if (!isHealth(health)) {
    const owner = findPortOwner(port);
    return { kind: "stranger", pid: owner?.pid, command: owner?.command, hungUp };
  }
  const { pid, project: holder, keyIds } = health;
  return holder !== null && holder === project?.directory
    ? { kind: "this-project", pid, keyIds }
    : { kind: "other-project", pid, project: holder };
}

/** Whether the process of a run file still serves. It may have been killed, and its pid be another's by now. */
export async function isServing({ port, pid }: RunRecord, project: Project): Promise<boolean> {
  const holder = await findPortHolder(port, project);
  return holder?.kind === "this-project" && holder.pid === pid;
}

/** What `GET /_devhook/api/health` answers, as far as it matters here. */
interface Health {
  readonly name: "kinde-devhook";
  readonly pid: number;
  readonly project: string | null;
  readonly keyIds: readonly string[];
}

function isHealth(value: unknown): value is Health {
  if (!isJsonObject(value)) return false;
  const { name, pid, project, keyIds } = value;
  return (
    name === "kinde-devhook" &&
    typeof pid === "number" &&
    (typeof project === "string" || project === null) &&
    Array.isArray(keyIds) &&
    keyIds.every((kid) => typeof kid === "string")
  );
}

/** The port is held by kinde-devhook for another project: its JWKS has other keys. */
export class OtherProjectError extends DevhookError {
  override readonly code = "ERR_OTHER_PROJECT";
  readonly port: number;
  readonly pid: number;
  constructor(port: number, { pid, project }: Extract<PortHolder, { kind: "other-project" }>) {
    super(
      `Failed to serve the local issuer: port ${port} is used by kinde-devhook (pid ${pid}) ` +
        `${project === null ? "as a mock of the library, which has a key of its own" : `for another project, ${project}`}. ` +
        `Stop it, or ${otherPortAdvice(port)}`,
    );
    this.port = port;
    this.pid = pid;
  }
}

/** The port is held by something that can't be shared with, or did not let go of it in time. */
export class PortTakenError extends DevhookError {
  override readonly code = "ERR_PORT_TAKEN";
  override readonly exitCode = 3;
  readonly port: number;
  readonly pid: number | undefined;
  constructor(port: number, holder: PortHolder | undefined, advice: string = otherPortAdvice(port)) {
    const stop = holder?.pid === process.pid ? "Close what listens there" : "Stop it";
    super(
      `Failed to serve the local issuer: port ${port} is taken by ${describeHolder(holder)}. ${stop}, or ${advice}`,
    );
    this.port = port;
    this.pid = holder?.pid;
  }
}

/** The system does not give this user the port. */
export class PortForbiddenError extends DevhookError {
  override readonly code = "ERR_PORT_FORBIDDEN";
  override readonly exitCode = 3;
  readonly port: number;
  constructor(
    port: number,
    advice = "Choose one above 1023, as in --issuer-port 4455, with KINDE_ISSUER_URL=http://localhost:4455 for the app.",
  ) {
    super(`Failed to serve the local issuer: this user may not listen on port ${port}. ${advice}`);
    this.port = port;
  }
}

/** This project's issuer runs with another key than the project now has. */
export class StaleIssuerError extends DevhookError {
  override readonly code = "ERR_STALE_ISSUER";
  override readonly exitCode = 3;
  constructor(port: number, pid: number) {
    super(
      `Failed to use the local issuer on port ${port}: the process that serves it (pid ${pid}) does not know this project's key, ` +
        "so your app could not verify what is emitted. Stop that process and start it again.",
    );
  }
}

function describeHolder(holder: PortHolder | undefined): string {
  if (holder?.kind === "this-project") {
    return `this project's own kinde-devhook (pid ${holder.pid}; an emit ends by itself)`;
  }
  if (holder?.pid === undefined) return "another program";
  if (holder.pid === process.pid) {
    return holder.kind === "stranger" ? "this very process" : "another mock of this process";
  }
  const command = holder.kind === "stranger" ? holder.command : "kinde-devhook";
  return `pid ${holder.pid}${command ? ` (${command})` : ""}`;
}

function otherPortAdvice(port: number): string {
  const other = port < 65_535 ? port + 1 : port - 1;
  return `choose another port here: --issuer-port ${other}, with KINDE_ISSUER_URL=http://localhost:${other} for the app.`;
}
