import { once } from "node:events";
import type { Clock } from "../../src/delivery/clock.ts";
import type { Probe, ProbeResult } from "../../src/tunnel/probe.ts";
import {
  TunnelError,
  type Tunnel,
  type TunnelErrorCode,
  type TunnelProvider,
} from "../../src/tunnel/tunnel.ts";

/** What opening a tunnel comes to: one, an error, or nothing until the signal ends it. */
export type Opening = "open" | "hang" | Error;

export interface OpenedTunnel extends Tunnel {
  readonly isClosed: boolean;
  /** The connection goes. */
  lose(cause: string): void;
}

export interface FakeProvider extends TunnelProvider {
  /** What the tries from now on come to. */
  opening: Opening;
  isElsewhere: boolean;
  /** That of the tunnels from now on. */
  url: URL;
  /** How long each of them takes. */
  takesMs: number;
  /** When a tunnel was asked for: milliseconds since the provider was made. */
  readonly triedAt: readonly number[];
  /** The tunnels there were, the newest last. */
  readonly tunnels: readonly OpenedTunnel[];
}

export const publicUrl: URL = new URL("https://acme-devhook.tunnel.example/");

export function createFakeProvider(clock: Clock): FakeProvider {
  const madeAt = clock.now();
  const triedAt: number[] = [];
  const tunnels: OpenedTunnel[] = [];
  const provider: FakeProvider = {
    name: "tunnel.example",
    address: publicUrl,
    opening: "open",
    isElsewhere: false,
    url: publicUrl,
    takesMs: 0,
    triedAt,
    tunnels,
    open: async (_localPort, signal) => {
      triedAt.push(clock.now() - madeAt);
      if (provider.takesMs > 0) await clock.wait(provider.takesMs, signal);
      if (provider.opening === "hang") await untilAborted(signal);
      if (provider.opening instanceof Error) throw provider.opening;
      const tunnel = createTunnel(provider.url);
      tunnels.push(tunnel);
      return tunnel;
    },
  };
  return provider;
}

/** A probe whose results a test says; the last one counts for ever. */
export interface FakeProbe extends Probe {
  results: readonly (ProbeResult | "hang")[];
  /** How many were sent. */
  readonly sent: number;
  /** How long each may take, in milliseconds; `undefined` for the probe's own time. */
  readonly patience: readonly (number | undefined)[];
}

export const cameBack: ProbeResult = { outcome: "came-back" };
export const limited: ProbeResult = { outcome: "limited", reason: "tunnel.example is asked too often" };
export const blocked: ProbeResult = { outcome: "blocked", reason: "tunnel.example: no such name" };
export const failed: ProbeResult = { outcome: "failed", reason: "something else answers" };

export function createFakeProbe(): FakeProbe {
  let results: FakeProbe["results"] = [cameBack];
  let next = 0;
  let sent = 0;
  const patience: (number | undefined)[] = [];
  return {
    patience,
    get results() {
      return results;
    },
    set results(value) {
      results = value;
      next = 0;
    },
    get sent() {
      return sent;
    },
    answer: () => undefined,
    send: async (_url, signal, timeoutMs) => {
      sent++;
      patience.push(timeoutMs);
      const result = results[Math.min(next++, results.length - 1)] ?? cameBack;
      return result === "hang" ? await untilAborted(signal) : result;
    },
  };
}

export function tunnelError(code: TunnelErrorCode, isPassing: boolean): TunnelError {
  return new TunnelError(code, `the cause of ${code}`, "Do something.", { isPassing });
}

function createTunnel(url: URL): OpenedTunnel {
  let isClosed = false;
  let lose: (cause: string) => void = () => {};
  const lost = new Promise<string>((resolve) => (lose = resolve));
  return {
    publicUrl: url,
    lost,
    get isClosed() {
      return isClosed;
    },
    lose: (cause) => lose(cause),
    finish: () => Promise.resolve(),
    close: () => (isClosed = true),
  };
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason as Error;
}
