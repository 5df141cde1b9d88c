/** `startTunnel` with a tunnel that leads nowhere but to the intake. */
import { startTunnel } from "../../src/app/start-tunnel.ts";
import type { RunningTunnel, StartTunnelOptions } from "../../src/app/start-tunnel-options.ts";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import type { Project } from "../../src/project/directory.ts";
import type { Tunnel, TunnelProvider } from "../../src/tunnel/tunnel.ts";
import { requestBytes } from "../attacks/attack.ts";
import { openShieldedOf } from "../history/pending-of.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { signingKeys } from "../helpers/keys.ts";
import { openWire, type WireAnswer } from "./wire.ts";

export interface FakeProvider extends TunnelProvider {
  /** How often. */
  readonly opened: number;
  readonly isOpen: boolean;
  lose(): void;
}

/** A tunnel that leads straight to the intake, and can be lost. */
export function createFakeProvider(): FakeProvider {
  let lose = (): void => {};
  const state = { opened: 0, isOpen: false };
  return {
    name: "the fake tunnel",
    address: new URL("http://localhost"),
    lose: () => lose(),
    get opened() {
      return state.opened;
    },
    get isOpen() {
      return state.isOpen;
    },
    open: (localPort): Promise<Tunnel> => {
      state.opened++;
      state.isOpen = true;
      const lost = new Promise<string>((resolve) => (lose = () => resolve("the cable was cut")));
      const publicUrl = new URL(`http://localhost:${localPort}`);
      const finish = (): Promise<void> => Promise.resolve();
      return Promise.resolve({ publicUrl, lost, finish, close: () => (state.isOpen = false) });
    },
  };
}

export interface TestTunnel extends RunningTunnel, AsyncDisposable {
  /** What it told of, in order. */
  readonly told: readonly string[];
  readonly kept: readonly Delivery[];
  /** Resolves when it has told of this. */
  heard(what: string): Promise<void>;
  post(token: string, webhookId?: string): Promise<WireAnswer | undefined>;
}

export async function openTunnel(
  project: Project,
  forward: string,
  options: Partial<StartTunnelOptions> = {},
): Promise<TestTunnel> {
  const told: string[] = [];
  const kept: Delivery[] = [];
  const waiting: { readonly what: string; readonly resolve: () => void }[] = [];
  const tell = (what: string): void => {
    told.push(what);
    for (const waiter of waiting) if (waiter.what === what) waiter.resolve();
  };
  const tunnel = await startTunnel({
    project,
    signingKeys,
    history: createMemoryHistory(),
    clock: systemClock,
    issuerPort: await findFreePort(),
    realIssuer: undefined,
    provider: createFakeProvider(),
    intakePort: 0,
    forwards: [parseForward(forward, "--forward")],
    eventTypes: undefined,
    headers: [],
    timeoutMs: 20_000,
    holdMs: 0,
    concurrency: undefined,
    isInsecure: false,
    isOldFine: false,
    isUnverifiedFine: false,
    isRedacted: false,
    shielding: { isOn: false, schedule: retrySchedule, pending: openShieldedOf(project) },
    signal: new AbortController().signal,
    listener: {
      onBegin: ({ number }) => tell(`begin ${number}`),
      keep: (delivery) => void kept.push(delivery),
      onEnd: (_, { status }) => tell(`end ${status}`),
      onSkipped: () => tell("skipped"),
      onRefused: ({ code }) => tell(code),
      onFailure: (error) => tell(`failure ${String(error)}`),
      onRetry: ({ code }) => tell(`retry ${code}`),
      onChange: ({ state }) => tell(state),
      onSlowDown: () => tell("slow down"),
      onAppChange: ({ state }) => tell(`app ${state}`),
      onJwksFailure: () => tell("JWKS failure"),
      onOwn: ({ direction, state }) => tell(`${direction} ${state}`),
      onAbandoned: ({ failedReason }) => tell(failedReason ?? ""),
      onShielded: ({ attempts, state }) => tell(`shielded ${attempts.at(-1)?.status} ${state}`),
      onResume: (deliveries) => tell(`resume ${deliveries.length}`),
    },
    ...options,
  });
  let closing: Promise<void> | undefined;
  const close = (graceMs: number): Promise<void> => (closing ??= tunnel.close(graceMs));
  return {
    ...tunnel,
    told,
    kept,
    close,
    heard: async (what) => {
      if (told.includes(what)) return;
      await new Promise<void>((resolve) => waiting.push({ what, resolve }));
    },
    post: async (token, webhookId = "wh-1") => {
      using wire = await openWire(Number(tunnel.publicUrl.port));
      await wire.write(requestBytes({ headers: { "webhook-id": webhookId }, body: token }));
      return await wire.answer();
    },
    [Symbol.asyncDispose]: () => close(0),
  };
}
