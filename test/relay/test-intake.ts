/** A real intake with its gate and relay, and what they tell. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Attempt, Delivery } from "../../src/delivery/delivery.ts";
import { parseForward } from "../../src/delivery/forward.ts";
import { createGate, type GateOptions } from "../../src/relay/gate.ts";
import { startIntake, type IntakeOptions, type RefusedRequest } from "../../src/relay/intake.ts";
import { createRelay, type Relay, type RelayOptions, type Skipped } from "../../src/relay/relay.ts";
import { createRelayedDeliveries, type RelayedDeliveries } from "../../src/relay/relayed-deliveries.ts";
import { createBlendedJwks, type BlendedJwks } from "../../src/trust/blended-jwks.ts";
import { createRemoteJwks, type RemoteJwksOptions } from "../../src/trust/remote-jwks.ts";
import { signingKeys } from "../helpers/keys.ts";

export interface TestIntakeOptions
  extends
    Partial<Omit<RelayOptions, "forwards">>,
    Partial<Pick<IntakeOptions, "requestTimeoutMs" | "answerProbe" | "gate" | "onFailure">>,
    Partial<Pick<GateOptions, "isOldFine" | "isUnverifiedFine">> {
  /** As written behind `--forward`. */
  readonly forwards: readonly string[];
  /** The trust of the gate. Default: our own key alone. */
  readonly trust?: BlendedJwks;
}

export interface TestIntake extends AsyncDisposable {
  readonly port: number;
  readonly deliveries: RelayedDeliveries;
  readonly relay: Relay;
  readonly refused: RefusedRequest[];
  readonly skipped: Skipped[];
  /** Bugs that were answered with 500. */
  readonly failures: unknown[];
  /** The records, in the order they were kept. */
  readonly kept: Delivery[];
  readonly begun: { readonly delivery: Delivery; readonly number: number }[];
  readonly ended: { readonly delivery: Delivery; readonly attempt: Attempt }[];
  drain(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestIntake(options: TestIntakeOptions): Promise<TestIntake> {
  const told = {
    refused: [] as RefusedRequest[],
    skipped: [] as Skipped[],
    failures: [] as unknown[],
    kept: [] as Delivery[],
    begun: [] as TestIntake["begun"],
    ended: [] as TestIntake["ended"],
  };
  const { trust = createTrust(), isOldFine = false, isUnverifiedFine = false } = options;
  const now = (): number => Date.now();
  const deliveries =
    options.deliveries ??
    createRelayedDeliveries({
      now,
      randomBytes,
      recall: (id) => Promise.resolve(told.kept.findLast((delivery) => delivery.id === id)),
    });
  const relay = createRelay({
    eventTypes: undefined,
    headers: [],
    timeoutMs: 20_000,
    holdMs: 0,
    concurrency: undefined,
    onReach: () => {},
    isInsecure: false,
    proto: () => "https",
    clock: systemClock,
    abort: new AbortController().signal,
    onBegin: ({ delivery, number }) => void told.begun.push({ delivery: delivery(), number }),
    keep: (delivery) => void told.kept.push(delivery),
    onEnd: (delivery, attempt) => void told.ended.push({ delivery, attempt }),
    onSkipped: (skipped) => void told.skipped.push(skipped),
    onFailure: (error) => void told.failures.push(error),
    ...options,
    deliveries,
    forwards: options.forwards.map((text) => parseForward(text, "--forward")),
  });
  const intake = await startIntake({
    answerProbe: () => undefined,
    gate: createGate({ trust, now, isOldFine, isUnverifiedFine }),
    onFailure: (error) => void told.failures.push(error),
    ...options,
    port: 0,
    relay,
    now,
    onRefused: (refused) => void told.refused.push(refused),
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= intake.close());
  return {
    ...told,
    port: intake.port,
    relay,
    deliveries,
    drain: () => intake.drain(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Our own key, blended with a real issuer's if there is one. */
export function createTrust(realIssuer?: string, options: RemoteJwksOptions = {}): BlendedJwks {
  return createBlendedJwks({
    localIssuer: "http://localhost:4455",
    localKeys: signingKeys.jwks,
    remote: realIssuer === undefined ? undefined : createRemoteJwks(realIssuer, options),
  });
}
