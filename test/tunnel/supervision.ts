import type { TunnelChange } from "../../src/tunnel/outage.ts";
import { superviseTunnel, type SupervisedTunnel } from "../../src/tunnel/supervisor.ts";
import type { TunnelError } from "../../src/tunnel/tunnel.ts";
import { createHeldClock, type HeldClock } from "../delivery/held-clock.ts";
import { createFakeProbe, createFakeProvider, type FakeProbe, type FakeProvider } from "./fake-provider.ts";

/** A supervisor whose provider, probe and time are a test's. */
export interface Supervision extends AsyncDisposable {
  readonly clock: HeldClock;
  readonly provider: FakeProvider;
  readonly probe: FakeProbe;
  /** Ends the wait for the first tunnel. */
  readonly abort: AbortController;
  /** The errors after which it tried again, and then what became of the tunnel. */
  readonly retries: readonly TunnelError[];
  readonly changes: readonly TunnelChange[];
  /** The intervals in which the service has asked to be tried, in milliseconds. */
  readonly slowDowns: readonly number[];
  /** What comes through the tunnel: when a webhook last did, and how many are under way. */
  readonly activity: { heardAt: number; underWay: number };
  /** Whether anything else of the internet can be reached. */
  isOnline: boolean | undefined | Error;
  /** How long it takes to find that out, in milliseconds. */
  lookMs: number;
  /** Told of every change besides. */
  onChange: (change: TunnelChange) => void;
  /** Begins; the promise is handled, so that a test may look at it later. */
  start(): Promise<SupervisedTunnel>;
}

export function createSupervision(): Supervision {
  const clock = createHeldClock();
  const provider = createFakeProvider(clock);
  const probe = createFakeProbe();
  const abort = new AbortController();
  const retries: TunnelError[] = [];
  const changes: TunnelChange[] = [];
  const slowDowns: number[] = [];
  const activity = { heardAt: 0, underWay: 0 };
  let starting: Promise<SupervisedTunnel> | undefined;
  const supervision: Supervision = {
    isOnline: undefined,
    lookMs: 0,
    onChange: () => {},
    slowDowns,
    activity,
    clock,
    provider,
    probe,
    abort,
    retries,
    changes,
    start: () => {
      starting = superviseTunnel({
        provider,
        probe,
        clock,
        localPort: 4_000,
        signal: abort.signal,
        onRetry: (error) => retries.push(error),
        onChange: (change) => {
          changes.push(change);
          supervision.onChange(change);
        },
        activity: { heardAt: () => activity.heardAt, underWay: () => activity.underWay },
        isOnline: async () => {
          if (supervision.lookMs > 0) await clock.wait(supervision.lookMs);
          if (supervision.isOnline instanceof Error) throw supervision.isOnline;
          return supervision.isOnline;
        },
        onSlowDown: (intervalMs) => slowDowns.push(intervalMs),
      });
      starting.catch(() => {});
      return starting;
    },
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await starting?.then(
        (tunnel) => tunnel.close(),
        () => {},
      );
    },
  };
  return supervision;
}
