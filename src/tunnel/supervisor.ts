/** Keeps a tunnel: opened and proven before it is called up; when it is lost or deaf, opened again under the same name, for ever. */
import { linkAbort } from "../net/linked-abort.ts";
import {
  minBackOffMs,
  nextBackOff,
  openFirst,
  openProven,
  probeFailed,
  type FirstOpeningOptions,
  type ProvenTunnel,
} from "./open-proven.ts";
import { beginOutage, type Outage, type OutageOptions } from "./outage.ts";
import {
  answerWithinMs,
  createProbePace,
  watchTunnel,
  type Deafness,
  type ProbePace,
  type TunnelActivity,
} from "./watch-tunnel.ts";
import type { Tunnel } from "./tunnel.ts";

export interface SupervisorOptions extends FirstOpeningOptions, OutageOptions {
  /** Ends the wait for the first tunnel. */
  readonly signal: AbortSignal;
  readonly activity: TunnelActivity;
  /** Called when the service is asked less often whether the tunnel works, because it said so. */
  readonly onSlowDown: (intervalMs: number, reason: string) => void;
}

export interface SupervisedTunnel {
  /** Of the tunnel that is open, or was last. */
  readonly publicUrl: URL;
  /** The name that a localtunnel server has given. */
  readonly name: string | undefined;
  /** Why the probe could not tell whether it works, if it could not. */
  readonly blocked: string | undefined;
  /** Resolves when the answers of those requests have left whose local connections are ended. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the first tunnel, and keeps it.
 * @throws {TunnelError} when the first can't be had
 */
export async function superviseTunnel(options: SupervisorOptions): Promise<SupervisedTunnel> {
  const first = await openFirst(options, options.signal);
  const closing = new AbortController();
  let current = first.tunnel;
  const keeping = keepOpen(first, options, closing.signal, ({ tunnel }) => (current = tunnel));
  return {
    get publicUrl() {
      return current.publicUrl;
    },
    name: first.tunnel.name,
    blocked: first.blocked,
    finish: () => current.finish(),
    close: async () => {
      closing.abort();
      await keeping;
    },
  };
}

// One that goes as soon as it is open, again and again, is not asked for a hundred times a second.
const steadyAfterMs = 1_000;
const forgivenLosses = 3;

/** Never throws; ends when it is told to. */
async function keepOpen(
  first: ProvenTunnel,
  options: SupervisorOptions,
  closing: AbortSignal,
  onOpen: (proven: ProvenTunnel) => void,
): Promise<void> {
  const { clock } = options;
  const pace = createProbePace(options.onSlowDown);
  let current = first;
  let wasProven = first.blocked === undefined;
  let lossesInARow = 0;
  let restMs = 0;
  while (true) {
    const openedAt = clock.now();
    const loss = await untilLost(current, pace, options, closing);
    if (loss === undefined) return current.tunnel.close();
    lossesInARow = Math.abs(clock.now() - openedAt) < steadyAfterMs ? lossesInARow + 1 : 0;
    restMs = lossesInARow > forgivenLosses ? nextBackOff(Math.max(restMs, minBackOffMs)) : 0;
    const outage = await beginOutage(current.tunnel.publicUrl, loss.reason, options);
    const reached = loss.isBlocked ? await reach(current.tunnel, options, outage, closing) : undefined;
    if (reached === undefined) {
      current.tunnel.close();
      if (restMs > 0) await clock.wait(restMs, closing).catch(() => {});
    }
    const next = reached ?? (await reopen(options, wasProven, outage, closing));
    if (next === undefined) return;
    current = next;
    wasProven ||= current.blocked === undefined;
    onOpen(current);
    outage.ended(current.tunnel.publicUrl, current.blocked === undefined);
  }
}

/** @returns why it is lost, or `undefined` when it is to be closed */
async function untilLost(
  { tunnel, blocked }: ProvenTunnel,
  pace: ProbePace,
  options: SupervisorOptions,
  closing: AbortSignal,
): Promise<Deafness | undefined> {
  // Closed by whoever was told that it is up: that is not said again.
  if (closing.aborted) return undefined;
  const watching = new AbortController();
  const closed = new Promise<undefined>((resolve) => {
    closing.addEventListener("abort", () => resolve(undefined), { signal: watching.signal });
  });
  const watched = watchTunnel(tunnel, blocked === undefined, { ...options, pace }, watching.signal);
  // Also for a bug of ours: a tunnel that nobody watches is no better than one that is lost.
  const deaf = watched.catch((error: unknown) => lost(`it could not be watched: ${String(error)}`));
  try {
    const loss = await Promise.race([tunnel.lost.then(lost), deaf, closed]);
    return closing.aborted ? undefined : loss;
  } finally {
    watching.abort();
  }
}

function lost(reason: string): Deafness {
  return { reason, isBlocked: false };
}

/**
 * Waits until this machine reaches anything again, or is reached. The tunnel may have lived through it: opened anew its
 * URL might be another, or its name still be held by its own connections.
 * @returns `undefined` when it has not
 */
async function reach(
  tunnel: Tunnel,
  options: SupervisorOptions,
  outage: Outage,
  closing: AbortSignal,
): Promise<ProvenTunnel | undefined> {
  const { clock, probe, activity } = options;
  const since = clock.now();
  const until = linkAbort(closing);
  const { signal } = until;
  void tunnel.lost.then((reason) => until.abort(reason));
  try {
    for (let backOffMs = minBackOffMs; !signal.aborted; backOffMs = nextBackOff(backOffMs)) {
      const result = await probe.send(tunnel.publicUrl, signal, answerWithinMs);
      if (result.outcome === "came-back") return { tunnel, blocked: undefined };
      // A webhook that comes is proof enough; and a service that asks for patience can be reached, and is given it.
      const isReached = activity.heardAt() > since || result.outcome === "limited";
      if (isReached) return { tunnel, blocked: result.reason };
      if (result.outcome === "failed") return undefined;
      await outage.failed(probeFailed(options, result.reason));
      await clock.wait(backOffMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) await outage.failed(error);
  } finally {
    until.unlink();
  }
  return undefined;
}

/** @returns `undefined` when it was closed meanwhile */
async function reopen(
  options: SupervisorOptions,
  wasProven: boolean,
  outage: Outage,
  closing: AbortSignal,
): Promise<ProvenTunnel | undefined> {
  const { clock, provider, activity } = options;
  const since = clock.now();
  for (let backOffMs = minBackOffMs; !closing.aborted; backOffMs = nextBackOff(backOffMs)) {
    try {
      const proven = await openProven(options, closing);
      // That somebody else's tunnel could be "opened" says nothing: it works again when a webhook or a probe says so, if
      // one ever did.
      const isProven = proven.blocked === undefined || activity.heardAt() > since;
      if (isProven || provider.isElsewhere !== true || !wasProven) return proven;
      await outage.failed(probeFailed(options, proven.blocked));
    } catch (error) {
      if (closing.aborted) return undefined;
      await outage.failed(error);
    }
    await clock.wait(backOffMs, closing).catch(() => {});
  }
  return undefined;
}
