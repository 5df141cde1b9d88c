/** `--hold`: a request that an app which is just restarting refuses waits for it, so that a reload costs no webhook. */
import { performance } from "node:perf_hooks";
import type { Clock } from "../delivery/clock.ts";
import { abortListenersOf } from "../net/abort-listeners.ts";
import { acceptsConnections } from "../net/connect.ts";
import { createWaitingRoom, type WaitEnd, type Waiting } from "./waiting-room.ts";

export interface Hold {
  /** Whether requests are held for this origin: who comes now stands behind them. */
  isHolding(origin: string): boolean;
  /** Waits until something listens, and says so as `called`. */
  wait(origin: string, waiting: Waiting): Promise<WaitEnd>;
  /** Says that something listens there, so that the next outage is another. */
  reached(origin: string): void;
}

export interface HoldOptions {
  /** How long a request may be held. */
  readonly limitMs: number;
  readonly clock: Clock;
  /** Ends all waits. */
  readonly cut: AbortSignal;
  /** Told of each look at an app that is waited for. */
  readonly onLook: (origin: string, isListening: boolean) => void;
}

const lookEveryMs = 100;
const connectTimeoutMs = 1_000;

export function createHold({ limitMs, clock, cut, onLook }: HoldOptions): Hold {
  const room = createWaitingRoom(cut);
  const downSince = new Map<string, number>();
  const lookedFor = new Set<string>();

  /** One looks for all that wait. */
  const lookFor = async (origin: string): Promise<void> => {
    if (lookedFor.has(origin)) return;
    lookedFor.add(origin);
    const stop = new AbortController();
    const onCut = (): void => stop.abort();
    const listeners = abortListenersOf(cut).add(onCut);
    while (room.has(origin)) {
      await clock.wait(lookEveryMs, stop.signal).catch(() => {});
      if (!room.has(origin)) continue;
      const isListening = await acceptsConnections(new URL(origin), connectTimeoutMs, stop.signal);
      if (stop.signal.aborted) break;
      onLook(origin, isListening);
      if (!isListening) continue;
      downSince.delete(origin);
      room.callAll(origin);
    }
    listeners.delete(onCut);
    lookedFor.delete(origin);
  };

  return {
    reached: (origin) => void downSince.delete(origin),
    isHolding: room.has,
    wait: async (origin, waiting) => {
      const now = performance.now();
      const downAt = downSince.get(origin) ?? now;
      downSince.set(origin, downAt);
      // Who came while the app was up has the whole time from its end on; who came later, from when it came. Else those
      // behind one another at `--concurrency 1` would each take it anew, one by one.
      const leftMs = Math.max(waiting.since, downAt) + limitMs - now;
      if (leftMs <= 0) return "over";
      const waited = room.wait(origin, waiting, AbortSignal.timeout(Math.ceil(leftMs)));
      void lookFor(origin);
      return await waited;
    },
  };
}
