/** The project's local issuer: served here with its run file, or shared with the process that serves it already. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import { startIssuer, type Issuer } from "../issuer/server.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import type { EmitRequest } from "../mock/mock.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import { PortInUseError } from "../net/listen.ts";
import type { Project } from "../project/directory.ts";
import { readRunFile, removeRunFile, writeRunFile, type RunRecord } from "../project/run-file.ts";
import { followIssuer, type FollowedIssuer } from "./control-client.ts";
import {
  findPortHolder,
  OtherProjectError,
  PortForbiddenError,
  PortTakenError,
  StaleIssuerError,
  type PortHolder,
} from "./port-holder.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import { TunnelRunningError } from "./running-tunnel.ts";

export interface LocalIssuerOptions {
  readonly port: number;
  readonly project: Project;
  readonly signingKey: SigningKey;
  readonly history: History;
  /** The command that serves, for the run file. */
  readonly command: string;
  readonly webhooks?: readonly string[];
  /** The real issuer's keys and ours. Default: ours alone. */
  readonly blended?: BlendedJwks;
  readonly emit?: (request: EmitRequest) => Promise<readonly Delivery[]>;
}

/** The issuer as this process serves it. */
export interface ServedIssuer extends Issuer {
  /** What other processes of the project find it by. */
  readonly run: RunRecord;
  /** Lets them know the tunnel's URL. */
  publish(publicUrl: string): void;
}

/**
 * Serves the issuer in this process.
 * @throws {PortInUseError} when the port is taken
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function serveIssuer(options: LocalIssuerOptions): Promise<ServedIssuer> {
  const { project, signingKey, history, command, webhooks = [], blended, emit } = options;
  const token = randomBytes(32).toString("base64url");
  const ownJwks = { keys: [signingKey.publicJwk] };
  const issuer = await startIssuer({
    port: options.port,
    jwks: blended === undefined ? () => ownJwks : () => blended.jwks(),
    ...(blended?.realIssuer !== undefined && { realIssuer: blended.realIssuer }),
    control: {
      project: project.directory,
      token,
      keyIds: [signingKey.kid],
      history,
      ...(emit !== undefined && { emit }),
    },
  }).catch((error: unknown) => {
    const isForbidden = systemErrorCode(error) === "EACCES";
    throw isForbidden ? new PortForbiddenError(options.port) : error;
  });
  // Fetched ahead of the app's first question. A failure is told by whoever blends.
  void blended?.jwks();
  const record = { port: issuer.port, pid: process.pid, command, token, webhooks };
  try {
    writeRunFile(project, record);
  } catch (error) {
    await issuer.close();
    throw error;
  }
  return {
    ...issuer,
    run: record,
    publish: (publicUrl) => writeRunFile(project, { ...record, publicUrl }),
    close: async (graceMs) => {
      // While the port is still ours: afterwards the file may be that of the process which serves next.
      removeRunFile(project, record);
      await issuer.close(graceMs);
    },
  };
}

/**
 * Serves the issuer, as a command does that can't share it.
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {TunnelRunningError} `ERR_TUNNEL_RUNNING` when the port is held by this project's tunnel and this is another
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function serveIssuerAlone(options: LocalIssuerOptions): Promise<ServedIssuer> {
  const { port, project, command } = options;
  try {
    return await serveIssuer(options);
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error;
    const holder = await findPortHolder(port, project);
    if (holder?.kind === "other-project") throw new OtherProjectError(port, holder);
    const run = holder?.kind === "this-project" ? readRunFile(project, port) : undefined;
    if (command === "tunnel" && run?.command === "tunnel") throw new TunnelRunningError(run);
    throw new PortTakenError(port, holder);
  }
}

/** The local issuer for as long as something relies on it, whoever serves it. */
export interface IssuerLease {
  readonly url: string;
  /** Whether the app has asked for the JWKS; `undefined` when another process serves it, or did before. */
  readonly hasServedJwks: () => boolean | undefined;
  /** Runs work that needs the JWKS: not while the issuer passes from one process to another. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

// How long one and the same holder may neither be followed nor let go.
const contestMs = 3_000;
const contestStepMs = 25;

/**
 * Uses the issuer that this project runs on the port, or serves one. When the process that serves it ends,
 * this one takes over.
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {StaleIssuerError} `ERR_STALE_ISSUER`
 */
export async function leaseIssuer(options: LocalIssuerOptions, clock: Clock): Promise<IssuerLease> {
  const inFlight = new Set<Promise<unknown>>();
  const closed = new AbortController();
  let served: Issuer | undefined;
  let followed: FollowedIssuer | undefined;
  let hasFollowed = false;

  const acquire = async (): Promise<void> => {
    let rival: Rival = { name: "", since: clock.now() };
    while (served === undefined && followed === undefined) {
      closed.signal.throwIfAborted();
      served = await serveUnlessTaken(options);
      if (served !== undefined) break;
      const holder = await findPortHolder(options.port, options.project);
      followed = await followHolder(options, holder);
      if (followed !== undefined) break;
      // The one before has let go of the port, or the next has not said yet who it is. Many may contend, one after
      // the other: that is no failure as long as the holder changes.
      rival = nextRival(rival, holder, clock.now());
      if (clock.now() - rival.since > contestMs) throw new PortTakenError(options.port, holder);
      // Contenders that woke together would meet again and again.
      await clock.wait(contestStepMs * (0.5 + Math.random()), closed.signal);
    }
    hasFollowed ||= followed !== undefined;
    if (followed !== undefined) void takeOverAfter(followed);
  };
  const takeOverAfter = async (former: FollowedIssuer): Promise<void> => {
    await former.ending;
    if (closed.signal.aborted) return;
    ready = (async () => {
      // What is under way may still need the JWKS of the one that is about to end; it waits for us to hang up,
      // but not for ever, and one that was killed does not wait at all: then what is under way needs ours.
      await Promise.race([Promise.allSettled(inFlight), former.gone]);
      former.hangUp();
      followed = undefined;
      await acquire();
    })();
    // Whoever uses the lease next meets the failure; until then it is nobody's.
    ready.catch(() => {});
  };

  let ready = acquire();
  await ready;
  return {
    get url() {
      return `http://localhost:${served?.port ?? options.port}`;
    },
    hasServedJwks: () => {
      if (served?.hasServedJwks()) return true;
      // What the app got from a process before us, we can't know.
      return served === undefined || hasFollowed ? undefined : false;
    },
    use: async (work) => {
      // By the time one issuer is ready it may have begun to pass on to the next.
      let awaited: Promise<void> | undefined;
      while (awaited !== ready) await (awaited = ready);
      const running = work();
      inFlight.add(running);
      try {
        return await running;
      } finally {
        inFlight.delete(running);
      }
    },
    close: async () => {
      closed.abort();
      // A take-over that is under way may still begin to serve or to follow.
      await ready.catch(() => {});
      followed?.hangUp();
      await served?.close();
    },
  };
}

async function serveUnlessTaken(options: LocalIssuerOptions): Promise<Issuer | undefined> {
  try {
    return await serveIssuer(options);
  } catch (error) {
    if (error instanceof PortInUseError) return undefined;
    throw error;
  }
}

/** Who stands in the way, and since when (epoch milliseconds). */
interface Rival {
  readonly name: string;
  readonly since: number;
}

function nextRival(rival: Rival, holder: PortHolder | undefined, now: number): Rival {
  const name = holder === undefined ? "nobody" : `${holder.kind} ${holder.pid}`;
  return name === rival.name ? rival : { name, since: now };
}

/** @returns `undefined` when the port has no holder now, or one that can't be followed yet */
async function followHolder(
  { port, project, signingKey }: LocalIssuerOptions,
  holder: PortHolder | undefined,
): Promise<FollowedIssuer | undefined> {
  if (holder === undefined) return undefined;
  if (holder.kind === "other-project") throw new OtherProjectError(port, holder);
  if (holder.kind === "stranger") {
    if (holder.hungUp) return undefined;
    throw new PortTakenError(port, holder);
  }
  if (!holder.keyIds.includes(signingKey.kid)) throw new StaleIssuerError(port, holder.pid);
  const run = readRunFile(project, port);
  return run === undefined ? undefined : await followIssuer(run);
}
