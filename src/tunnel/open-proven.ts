/** Opening a tunnel, and proving that it leads here, before anybody is told of it. */
import type { Clock } from "../delivery/clock.ts";
import { linkAbort } from "../net/linked-abort.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import { TunnelError, type Tunnel, type TunnelProvider } from "./tunnel.ts";

export interface OpeningOptions {
  readonly provider: TunnelProvider;
  /** The intake's. */
  readonly localPort: number;
  readonly probe: Probe;
  readonly clock: Clock;
}

export interface ProvenTunnel {
  readonly tunnel: Tunnel;
  /** Why nobody knows whether it works, if the probe could not tell; `undefined` when it came back. */
  readonly blocked: string | undefined;
}

export interface FirstOpeningOptions extends OpeningOptions {
  /** Called before every further try. */
  readonly onRetry: (error: TunnelError) => void;
}

export const minBackOffMs = 250;
const maxBackOffMs = 5_000;
// Short outages are the rule: two seconds after the first five are still soon, five are not.
const backOffGrowth = 1.5;
// Together with the longest answer (10 s): a server that can't be had is given up within 15 s. And well past the second
// for which a server keeps a name whose tunnel has just gone.
const noNewTryAfterMs = 4_000;
const probeTries = 3;
const probePauseMs = 500;

/**
 * The first tunnel: tried again for a few seconds where that may help.
 * @throws {TunnelError} when there is none to be had
 * @throws the signal's reason when it comes first
 */
export async function openFirst(options: FirstOpeningOptions, signal: AbortSignal): Promise<ProvenTunnel> {
  const { clock, onRetry } = options;
  const startedAt = clock.now();
  for (let backOffMs = minBackOffMs; ; backOffMs = nextBackOff(backOffMs)) {
    try {
      return await openProven(options, signal);
    } catch (error) {
      if (!(error instanceof TunnelError) || !error.isPassing) throw error;
      if (clock.now() + backOffMs - startedAt > noNewTryAfterMs) throw error;
      onRetry(error);
      await clock.wait(backOffMs, signal);
    }
  }
}

/**
 * @throws {TunnelError} when there is none to be had now, or somebody else answers in its place
 * @throws the signal's reason when it comes first
 */
export async function openProven(options: OpeningOptions, signal: AbortSignal): Promise<ProvenTunnel> {
  const { provider, localPort, probe, clock } = options;
  const tunnel = await provider.open(localPort, signal);
  // One that is cut again is not waited for until the probe is over.
  const until = linkAbort(signal);
  void tunnel.lost.then((reason) => until.abort(lostAgain(provider, reason)));
  try {
    const startedAt = clock.now();
    // An answer that is wrong may be right in a moment; one that took too long is not waited for again and again.
    const isOver = (): boolean => clock.now() - startedAt > noNewTryAfterMs;
    let result: ProbeResult = await probe.send(tunnel.publicUrl, until.signal);
    for (let tries = 1; result.outcome !== "came-back" && tries < probeTries && !isOver(); tries++) {
      await clock.wait(probePauseMs, until.signal);
      result = await probe.send(tunnel.publicUrl, until.signal);
    }
    if (result.outcome === "came-back") return { tunnel, blocked: undefined };
    if (result.outcome !== "failed") return { tunnel, blocked: result.reason };
    throw probeFailed(options, result.reason);
  } catch (error) {
    tunnel.close();
    throw error;
  } finally {
    until.unlink();
  }
}

/** @returns milliseconds */
export function nextBackOff(backOffMs: number): number {
  return Math.min(Math.round(backOffMs * backOffGrowth), maxBackOffMs);
}

export function probeFailed(
  { provider, localPort }: Pick<OpeningOptions, "provider" | "localPort">,
  reason: string,
): TunnelError {
  const { name, advice } = provider;
  return new TunnelError(
    "ERR_PROBE_FAILED",
    `a request of our own through it did not come back: ${reason}`,
    advice?.(localPort) ??
      `${name} may be out of order, a captive portal may stand between, or the URL leads elsewhere.`,
    { isPassing: true },
  );
}

function lostAgain({ name }: TunnelProvider, reason: string): TunnelError {
  return new TunnelError(
    "ERR_TUNNEL_UNREACHABLE",
    `the tunnel of ${name} was open and went at once: ${reason}`,
    `${name} may be out of order.`,
    { isPassing: true },
  );
}
