import { superviseTunnel, type SupervisedTunnel, type TunnelChange } from "../../src/tunnel/supervisor.ts";
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
  let starting: Promise<SupervisedTunnel> | undefined;
  return {
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
        onChange: (change) => changes.push(change),
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
}
