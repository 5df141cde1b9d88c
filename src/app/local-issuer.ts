/** The project's local issuer as this process serves it, with its run file. */
import { randomBytes } from "node:crypto";
import { systemClock, type Clock } from "../delivery/clock.ts";
import type { History } from "../history/history.ts";
import type { ControlOptions } from "../issuer/routes/control.ts";
import type { MockControl } from "../issuer/routes/mock-control.ts";
import type { MockRoutesOptions } from "../issuer/routes/routes.ts";
import { startIssuer, type Issuer } from "../issuer/server.ts";
import { createTickets } from "../issuer/tickets.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import { PortInUseError } from "../net/listen.ts";
import { followCertificates } from "../project/certificate-files.ts";
import type { Project } from "../project/directory.ts";
import { readRunFile, removeRunFile, writeRunFile, type RunRecord } from "../project/run-file.ts";
import { askToHandOver } from "./control-client.ts";
import { findPortHolder, OtherProjectError, PortForbiddenError, PortTakenError } from "./port-holder.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import type { ProjectView } from "./project-view.ts";
import { TunnelRunningError } from "./running-tunnel.ts";

export interface LocalIssuerOptions {
  readonly port: number;
  readonly project: Project;
  readonly signingKeys: RotatableKeys;
  readonly history: History;
  /** The command that serves, for the run file. */
  readonly command: string;
  readonly webhooks?: readonly string[];
  /** The real issuer's keys and ours. Default: ours alone. */
  readonly blended?: BlendedJwks;
  /** What a mock answers beside, and what other processes ask of it. */
  readonly mock?: { readonly routes: MockRoutesOptions; readonly control: MockControl };
  /** What the control API answers beside. Default: what any process of the project can. */
  readonly control?: Pick<ControlOptions, "describe" | "shown" | "emit" | "replay" | "status" | "underWay">;
  /** What the inspector shows. Without it there is none. */
  readonly view?: ProjectView | undefined;
  /** Called when another process of the project wants to serve. Absent when this one does not give way. */
  readonly handOver?: () => void;
}

/** The issuer as this process serves it. */
export interface ServedIssuer extends Issuer {
  /** What other processes of the project find it by. */
  readonly run: RunRecord;
  /** A URL that opens the inspector, once; each time another. Absent where there is none. */
  readonly inspectorUrl: (() => string) | undefined;
  /** Lets them know the tunnel's URL. */
  publish(publicUrl: string): void;
  /** Lets them know the endpoints of the mock's webhooks as they are now. */
  announce(endpoints: readonly string[]): void;
}

/**
 * Serves the issuer in this process.
 * @throws {PortInUseError} when the port is taken
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function serveIssuer(options: LocalIssuerOptions): Promise<ServedIssuer> {
  const { project, signingKeys, history, command, webhooks = [], blended, mock, view, handOver } = options;
  const token = randomBytes(32).toString("base64url");
  const tickets = view === undefined ? undefined : createTickets();
  const issuer = await startIssuer({
    port: options.port,
    jwks: () => (blended ?? signingKeys).jwks(),
    ...(blended?.realIssuer !== undefined && { realIssuer: blended.realIssuer }),
    mock: mock?.routes,
    control: {
      project: project.directory,
      token,
      keys: signingKeys,
      history,
      tickets,
      mock: mock?.control,
      ...options.control,
      ...(handOver !== undefined && { handOver }),
    },
    inspector:
      view === undefined
        ? undefined
        : async () => {
            const { createInspector } = await import("../inspector/inspector.ts");
            return await createInspector(view, { clock: systemClock });
          },
    certificates: followCertificates(project, () => Date.now()),
  }).catch((error: unknown) => {
    const isForbidden = systemErrorCode(error) === "EACCES";
    throw isForbidden ? new PortForbiddenError(options.port) : error;
  });
  // Fetched ahead of the app's first question. A failure is told by whoever blends.
  void blended?.jwks();
  const record = { port: issuer.port, pid: process.pid, command, startedAt: Date.now(), token, webhooks };
  try {
    writeRunFile(project, record);
  } catch (error) {
    await issuer.close();
    throw error;
  }
  let isClosing = false;
  return {
    ...issuer,
    run: record,
    inspectorUrl: tickets === undefined ? undefined : () => `${issuer.url}/_devhook/#t=${tickets.create()}`,
    publish: (publicUrl) => writeRunFile(project, { ...record, publicUrl }),
    announce: (endpoints) => {
      // Webhooks may still be registered while those who share the issuer finish: the file must stay away.
      if (!isClosing) writeRunFile(project, { ...record, webhooks: endpoints });
    },
    close: async (graceMs) => {
      isClosing = true;
      // While the port is still ours: afterwards the file may be that of the process which serves next.
      removeRunFile(project, record);
      await issuer.close(graceMs);
    },
  };
}

// How long an emit may take to finish what needs the issuer, and give way.
const handOverMs = 5_000;
const stepMs = 25;

/**
 * Serves the issuer, as a command does that can't share it. An emit or a replay of this project that serves gives way, and shares ours.
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {TunnelRunningError} `ERR_TUNNEL_RUNNING` when the port is held by this project's tunnel and this is another
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws the signal's reason when it comes first
 */
export async function serveIssuerAlone(
  options: LocalIssuerOptions,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ServedIssuer> {
  const { port, project, command } = options;
  const deadline = clock.now() + handOverMs;
  while (true) {
    const served = await serveUnlessTaken(options);
    if (served !== undefined) return served;
    const holder = await findPortHolder(port, project);
    if (holder?.kind === "other-project") throw new OtherProjectError(port, holder);
    const run = holder?.kind === "this-project" ? readRunFile(project, port) : undefined;
    if (command === "tunnel" && run?.command === "tunnel") throw new TunnelRunningError(run);
    const mayPass =
      holder === undefined ||
      (holder.kind === "this-project" ? run === undefined || givesWay(run) : holder.hungUp);
    if (!mayPass || clock.now() > deadline) throw new PortTakenError(port, holder);
    if (run !== undefined) await askToHandOver(run);
    await clock.wait(stepMs, signal);
  }
}

/** Whether a process serves for as long as it delivers alone, and shares when asked to. */
function givesWay({ command }: RunRecord): boolean {
  return command === "emit" || command === "replay";
}

/** @returns `undefined` when the port is taken */
export async function serveUnlessTaken(options: LocalIssuerOptions): Promise<ServedIssuer | undefined> {
  try {
    return await serveIssuer(options);
  } catch (error) {
    if (error instanceof PortInUseError) return undefined;
    throw error;
  }
}
