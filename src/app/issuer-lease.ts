/** The project's local issuer for as long as something relies on it: served here, or shared with the process that serves it already. */
import type { Clock } from "../delivery/clock.ts";
import {
  findPortHolder,
  OtherProjectError,
  PortTakenError,
  StaleIssuerError,
  type PortHolder,
} from "./port-holder.ts";
import { followIssuer, type FollowedIssuer } from "./control-client.ts";
import { serveUnlessTaken, type LocalIssuerOptions, type ServedIssuer } from "./local-issuer.ts";
import { readRunFile } from "../project/run-file.ts";

const stepMs = 25;

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
// Where nobody answered, or one that had gone when we looked who it was, a holder has just let go: of many that come and go
// on a busy machine one may meet none for long.
const vacancyMs = 20_000;
const handedOverWithinMs = 1_000;

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
  let served: ServedIssuer | undefined;
  let followed: FollowedIssuer | undefined;
  let hasFollowed = false;
  let isHandingOver = false;

  /** Lets another process serve, and shares its issuer: what is under way comes first. */
  const handOver = (): void => {
    const leaving = served;
    if (leaving === undefined || isHandingOver || closed.signal.aborted) return;
    isHandingOver = true;
    ready = (async () => {
      await Promise.allSettled(inFlight);
      served = undefined;
      await leaving.close();
      await untilHeld();
      isHandingOver = false;
      await acquire();
    })();
    ready.catch(() => {});
  };
  /** The other has a moment to take the port; if it has gone by then, it is ours again. */
  const untilHeld = async (): Promise<void> => {
    const deadline = clock.now() + handedOverWithinMs;
    while (clock.now() < deadline && (await findPortHolder(options.port, options.project)) === undefined) {
      await clock.wait(stepMs, closed.signal);
    }
  };
  const acquire = async (): Promise<void> => {
    let rival: Rival = { name: "", since: clock.now() };
    while (served === undefined && followed === undefined) {
      closed.signal.throwIfAborted();
      served = await serveUnlessTaken({ ...options, handOver });
      if (served !== undefined) break;
      // Before the holder is asked: a key that is rotated meanwhile it knows all the same.
      const { kid } = options.signingKeys.current();
      const holder = await findPortHolder(options.port, options.project);
      followed = await followHolder(options, holder, kid);
      if (followed !== undefined) break;
      // The one before has let go of the port, or the next has not said yet who it is. Many may contend, one after
      // the other: that is no failure as long as the holder changes.
      rival = nextRival(rival, holder, clock.now());
      const limitMs = holder?.pid === undefined ? vacancyMs : contestMs;
      if (clock.now() - rival.since > limitMs) throw new PortTakenError(options.port, holder);
      // Contenders that woke together would meet again and again.
      await clock.wait(stepMs * (0.5 + Math.random()), closed.signal);
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

/** Who stands in the way, and since when (epoch milliseconds). */
interface Rival {
  readonly name: string;
  readonly since: number;
}

function nextRival(rival: Rival, holder: PortHolder | undefined, now: number): Rival {
  const name = holder?.pid === undefined ? "nobody" : `${holder.kind} ${holder.pid}`;
  return name === rival.name ? rival : { name, since: now };
}

/** @returns `undefined` when the port has no holder now, or one that can't be followed yet */
async function followHolder(
  { port, project, signingKeys }: LocalIssuerOptions,
  holder: PortHolder | undefined,
  kid: string,
): Promise<FollowedIssuer | undefined> {
  if (holder === undefined) return undefined;
  if (holder.kind === "other-project") throw new OtherProjectError(port, holder);
  if (holder.kind === "stranger") {
    if (holder.hungUp) return undefined;
    throw new PortTakenError(port, holder);
  }
  if (!holder.keyIds.includes(kid)) {
    // It may have been retired since.
    if (kid !== signingKeys.current().kid) return undefined;
    throw new StaleIssuerError(port, holder.pid);
  }
  const run = readRunFile(project, port);
  return run === undefined ? undefined : await followIssuer(run);
}
