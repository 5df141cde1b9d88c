/** Keeps a tunnel: opened and proven before it is called up; when it is lost, opened again under the same name, for ever. */
import type { Clock } from "../delivery/clock.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import { TunnelError, type Tunnel, type TunnelProvider } from "./tunnel.ts";

export interface SupervisorOptions {
  readonly provider: TunnelProvider;
  /** The intake's. */
  readonly localPort: number;
  readonly probe: Probe;
  readonly clock: Clock;
  /** Ends the wait for the first tunnel. */
  readonly signal: AbortSignal;
  /** Called before every further try to open the first tunnel. */
  readonly onRetry: (error: TunnelError) => void;
  readonly onChange: (change: TunnelChange) => void;
}

/** What became of a tunnel that was up. */
export interface TunnelChange {
  readonly state: "down" | "reconnecting" | "up";
  /** The origin of the public URL. */
  readonly url: string;
  readonly cause: string;
  /** How long it has been down by now. */
  readonly downMs: number;
}

export interface SupervisedTunnel {
  readonly publicUrl: URL;
  /** The name that a localtunnel server has given. */
  readonly name: string | undefined;
  /** Why the probe could not leave this machine, if it could not. */
  readonly blocked: string | undefined;
  /** Resolves when the answers of those requests have left whose local connections are ended. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const minBackOffMs = 250;
const maxBackOffMs = 5_000;
// Together with the longest answer (10 s): a server that can't be had is given up within 15 s.
const noNewTryAfterMs = 4_000;
const probeTries = 3;
const probePauseMs = 500;
const sayAgainAfterMs = 60_000;

/**
 * Opens the first tunnel, and keeps it.
 * @throws {TunnelError} when the first can't be had
 */
export async function superviseTunnel(options: SupervisorOptions): Promise<SupervisedTunnel> {
  const first = await openFirst(options);
  const closing = new AbortController();
  let current = first.tunnel;
  const keeping = keepOpen(first.tunnel, options, closing.signal, (tunnel) => (current = tunnel));
  return {
    publicUrl: first.tunnel.publicUrl,
    name: first.tunnel.name,
    blocked: first.blocked,
    finish: () => current.finish(),
    close: async () => {
      closing.abort();
      await keeping;
    },
  };
}

interface ProvenTunnel {
  readonly tunnel: Tunnel;
  readonly blocked: string | undefined;
}

async function openFirst(options: SupervisorOptions): Promise<ProvenTunnel> {
  const { clock, signal, onRetry } = options;
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

async function openProven(
  { provider, localPort, probe, clock }: SupervisorOptions,
  signal: AbortSignal,
): Promise<ProvenTunnel> {
  const tunnel = await provider.open(localPort, signal);
  try {
    const startedAt = clock.now();
    // An answer that is wrong may be right in a moment; one that took too long is not waited for again and again.
    const isOver = (): boolean => clock.now() - startedAt > noNewTryAfterMs;
    let result: ProbeResult = await probe.send(tunnel.publicUrl, signal);
    for (let tries = 1; result.outcome !== "came-back" && tries < probeTries && !isOver(); tries++) {
      await clock.wait(probePauseMs, signal);
      result = await probe.send(tunnel.publicUrl, signal);
    }
    if (result.outcome === "came-back") return { tunnel, blocked: undefined };
    if (result.outcome === "blocked") return { tunnel, blocked: result.reason };
    throw probeFailed(provider, result.reason);
  } catch (error) {
    tunnel.close();
    throw error;
  }
}

/** Never throws; ends when it is told to. */
async function keepOpen(
  first: Tunnel,
  options: SupervisorOptions,
  closing: AbortSignal,
  onOpen: (tunnel: Tunnel) => void,
): Promise<void> {
  const { clock, onChange } = options;
  const closed = new Promise<undefined>((resolve) => {
    closing.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let tunnel = first;
  while (true) {
    const cause = await Promise.race([tunnel.lost, closed]);
    tunnel.close();
    if (cause === undefined || closing.aborted) return;
    const downAt = clock.now();
    const tell = (state: TunnelChange["state"], why: string): void =>
      onChange({ state, url: tunnel.publicUrl.origin, cause: why, downMs: clock.now() - downAt });
    tell("down", cause);
    const reopened = await reopen(options, closing, (why) => tell("reconnecting", why));
    if (reopened === undefined) return;
    tunnel = reopened;
    onOpen(tunnel);
    tell("up", cause);
  }
}

/** @returns `undefined` when it was closed meanwhile */
async function reopen(
  options: SupervisorOptions,
  closing: AbortSignal,
  onFailure: (cause: string) => void,
): Promise<Tunnel | undefined> {
  const { clock } = options;
  let saidCause = "";
  let saidAt = 0;
  for (let backOffMs = minBackOffMs; !closing.aborted; backOffMs = nextBackOff(backOffMs)) {
    try {
      return (await openProven(options, closing)).tunnel;
    } catch (error) {
      if (closing.aborted) return undefined;
      // A refusal that would end the command at its start may be gone tomorrow: Kinde still calls this URL.
      const cause = error instanceof TunnelError ? error.reason : describe(error);
      if (cause !== saidCause || clock.now() - saidAt >= sayAgainAfterMs) {
        saidCause = cause;
        saidAt = clock.now();
        onFailure(cause);
      }
      await clock.wait(backOffMs, closing).catch(() => {});
    }
  }
  return undefined;
}

function nextBackOff(backOffMs: number): number {
  return Math.min(backOffMs * 2, maxBackOffMs);
}

function probeFailed({ name }: TunnelProvider, reason: string): TunnelError {
  return new TunnelError(
    "ERR_PROBE_FAILED",
    `a request of our own through it did not come back: ${reason}`,
    `${name} may be out of order, a captive portal may stand between, or the URL leads elsewhere.`,
    { isPassing: true },
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
