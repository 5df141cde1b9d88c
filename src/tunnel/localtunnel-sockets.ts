/**
 * The connections of a tunnel: so many to the server at any time, each piped to the local port by localtunnel's own
 * TunnelCluster. It loses some without a word; we count the sockets themselves.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import TunnelCluster from "localtunnel/lib/TunnelCluster.js";
import type { Clock } from "../delivery/clock.ts";

export interface TunnelSocketsOptions {
  readonly address: { readonly host: string; readonly port: number };
  readonly count: number;
  readonly localPort: number;
  readonly clock: Clock;
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
}

export interface TunnelSockets {
  /** Resolves with the first connection; rejects with the cause when there is none to be had, or it is closed first. */
  readonly opened: Promise<void>;
  /** Resolves with the cause when none is left. */
  readonly lost: Promise<string>;
  /** Resolves when those that have carried something are closed, as they are once their local ends are. */
  finish(): Promise<void>;
  close(): void;
}

// A half-open connection looks alive for hours; with this, the system notices in about 25 s.
const keepAliveMs = 15_000;
const defaultConnectTimeoutMs = 5_000;
// A server that hangs up on connections nothing came through is not called back at once.
const firstDelayMs = 250;
const maxDelayMs = 5_000;
// What answers with a greeting and hangs up, as no tunnel server does, would be called thousands of times a second.
const maxReconnectsPerSecond = 50;

export function openTunnelSockets(options: TunnelSocketsOptions): TunnelSockets {
  const { address, count, localPort, clock, connectTimeoutMs = defaultConnectTimeoutMs } = options;
  const cluster = new TunnelCluster({
    remote_ip: address.host,
    remote_port: address.port,
    local_port: localPort,
  });
  // Each socket tells of its own end; unheard, this event would end the process.
  cluster.on("error", () => {});
  const connecting = new Set<Socket>();
  const live = new Set<Socket>();
  const closed = new AbortController();
  const { promise: opened, resolve: open, reject: refuse } = createDeferred<void>();
  const { promise: lost, resolve: lose } = createDeferred<string>();

  let second = 0;
  let reconnected = 0;
  const mayReconnectAtOnce = (): boolean => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) reconnected = 0;
    second = now;
    return reconnected++ < maxReconnectsPerSecond;
  };
  /** @param delayMs how long to wait should this connection end unused */
  const connect = (delayMs: number): void => {
    const socket = captureSocket(() => cluster.open());
    connecting.add(socket);
    socket.setTimeout(connectTimeoutMs, () =>
      socket.destroy(new Error(`no connection within ${connectTimeoutMs / 1000} s`)),
    );
    let failure = "the server closed it";
    // A tunnel server hangs up when it has the answer, or its sender has gone; what only greets does not wait for one.
    let wasAnswered: boolean | undefined;
    socket.once("end", () => (wasAnswered = socket.bytesWritten > 0));
    socket.once("error", ({ message }) => (failure = message));
    socket.once("connect", () => {
      connecting.delete(socket);
      live.add(socket);
      socket.setTimeout(0);
      socket.setKeepAlive(true, keepAliveMs);
      socket.setNoDelay(true);
      open();
    });
    socket.once("close", () => {
      const wasLive = live.delete(socket);
      connecting.delete(socket);
      if (closed.signal.aborted) return;
      wasAnswered ??= socket.bytesWritten > 0;
      // The server keeps one connection for the next request, and closes all others when they have carried one:
      // under load there are as many new ones as requests.
      const wasUsed = socket.bytesRead > 0 && (wasAnswered || mayReconnectAtOnce());
      if (wasUsed || (wasLive && delayMs === 0)) connect(wasUsed ? 0 : firstDelayMs);
      else void connectAfter(Math.max(delayMs, firstDelayMs));
      if (live.size > 0 || connecting.size > 0) return;
      closed.abort();
      refuse(new Error(failure));
      lose(`no connection to the tunnel server is left (${failure})`);
    });
  };
  const connectAfter = async (delayMs: number): Promise<void> => {
    try {
      await clock.wait(delayMs, closed.signal);
      connect(Math.min(delayMs * 2, maxDelayMs));
    } catch {
      // Closed meanwhile.
    }
  };

  for (let index = 0; index < count; index++) connect(0);
  opened.catch(() => {});
  return {
    opened,
    lost,
    finish: async () => {
      const used = [...live].filter(({ bytesRead }) => bytesRead > 0);
      await Promise.allSettled(used.map((socket) => once(socket, "close")));
    },
    close: () => {
      closed.abort();
      refuse(new Error("it was closed"));
      for (const socket of [...connecting, ...live]) socket.destroy();
    },
  };
}

/** The socket that a call opens and keeps to itself. Node publishes every new one, at once. */
function captureSocket(open: () => void): Socket {
  let captured: Socket | undefined;
  const capture = (message: unknown): void => {
    captured ??= (message as { readonly socket: Socket }).socket;
  };
  subscribe("net.client.socket", capture);
  try {
    open();
  } finally {
    unsubscribe("net.client.socket", capture);
  }
  if (captured === undefined) throw new Error("Node did not publish the tunnel's socket");
  return captured;
}

function createDeferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
