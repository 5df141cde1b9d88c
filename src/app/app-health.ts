/** Whether something listens where the tunnel forwards to: looked at while idle, told by what is sent, reported on change. */
import type { Clock } from "../delivery/clock.ts";
import { abortListenersOf } from "../net/abort-listeners.ts";
import { acceptsConnections } from "../net/connect.ts";

/** An app that has stopped to listen, or does again. One that answers errors is up. */
export interface AppChange {
  readonly state: "up" | "down";
  /** Its origin. */
  readonly url: string;
  readonly cause: string;
  /** The outage: ISO 8601 UTC. */
  readonly startedAt: string;
  /** `null` while it lasts. */
  readonly endedAt: string | null;
  /** How long it has lasted by now. */
  readonly downMs: number;
}

export interface AppHealth {
  /** Begins to look and to report. Who is not there at once is reported at once; a later outage when it is no mere restart. */
  watch(): void;
  /** Says what an attempt has shown. */
  note(origin: string, isListening: boolean): void;
  /** How each is as far as is known. */
  list(): readonly AppState[];
}

export interface AppState {
  readonly origin: string;
  /** `null` as long as nobody knows. */
  readonly isListening: boolean | null;
}

export interface AppHealthOptions {
  readonly origins: readonly string[];
  readonly clock: Clock;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly onChange: (change: AppChange) => void;
  /** Called when `list` has become another. */
  readonly onKnown?: () => void;
}

const upEveryMs = 15_000;
const restartMs = 1_000;
const connectTimeoutMs = 3_000;

export function createAppHealth(options: AppHealthOptions): AppHealth {
  const { signal } = options;
  const apps = new Map(options.origins.map((origin) => [origin, createWatch(origin, options)]));
  let isWatching = false;
  return {
    watch: () => {
      isWatching = true;
      for (const app of apps.values()) void app.run();
    },
    note: (origin, isListening) => {
      if (isWatching && !signal.aborted) apps.get(origin)?.note(isListening);
    },
    list: () => [...apps].map(([origin, { isListening }]) => ({ origin, isListening: isListening() })),
  };
}

interface Outage {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly cause: string;
  isTold: boolean;
  looks: number;
}

interface Watch {
  run(): Promise<void>;
  isListening(): boolean | null;
  note(isListening: boolean): void;
}

function createWatch(origin: string, options: AppHealthOptions): Watch {
  const { clock, signal, onChange } = options;
  const url = new URL(origin);
  const ended = new AbortController();
  let outage: Outage | undefined;
  /** Whether something was noted since the last look. */
  let isFresh = false;
  let wake = (): void => {};
  let known: boolean | null = null;

  const know = (isListening: boolean): void => {
    if (known === isListening) return;
    known = isListening;
    options.onKnown?.();
  };
  const tell = (state: AppChange["state"], { startedAt, cause }: Outage, now: number = clock.now()): void => {
    // A clock that was set back meanwhile makes no time of it.
    const downMs = Math.max(now - startedAt, 0);
    onChange({
      state,
      url: origin,
      cause,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: state === "up" ? new Date(startedAt + downMs).toISOString() : null,
      downMs,
    });
  };
  const tellDown = (of: Outage, now?: number): void => {
    of.isTold = true;
    tell("down", of, now);
  };
  const begin = (cause: string): Outage =>
    (outage = { startedAt: clock.now(), cause, isTold: false, looks: 0 });

  const note = (isListening: boolean): void => {
    isFresh = true;
    know(isListening);
    if (isListening) {
      if (outage?.isTold) tell("up", outage);
      outage = undefined;
    } else if (outage === undefined) {
      begin(`nothing listens at ${origin}`);
      wake();
    } else if (!outage.isTold && clock.now() - outage.startedAt >= restartMs) tellDown(outage);
  };
  const look = (): Promise<boolean> => acceptsConnections(url, connectTimeoutMs, ended.signal);
  const nap = async (ms: number): Promise<void> => {
    const waking = new AbortController();
    wake = () => waking.abort();
    await clock.wait(ms, waking.signal).catch(() => {});
  };

  return {
    note,
    isListening: () => known,
    run: async () => {
      abortListenersOf(signal).add(() => {
        ended.abort();
        wake();
      });
      const isThere = await look();
      if (!isFresh && !signal.aborted) {
        know(isThere);
        if (!isThere) {
          const first = begin(`nothing listens at ${origin} yet`);
          tellDown(first, first.startedAt);
        }
      }
      while (!signal.aborted) {
        isFresh = false;
        await nap(outage === undefined ? upEveryMs : downEveryMs(outage.looks++));
        if (isFresh || signal.aborted) continue;
        const isListening = await look();
        // What an attempt has shown meanwhile is newer.
        if (!isFresh && !signal.aborted) note(isListening);
      }
    },
  };
}

/** Whoever has just started the app waits for the line that says so; one that stays away all night is not hurried. */
function downEveryMs(looks: number): number {
  return Math.min(1_000 * Math.max(1, looks), 5_000);
}
