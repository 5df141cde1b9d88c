import type { KindeEvent, ReceivedEvent } from "../kinde/events.ts";
import { faultOf, type FaultName } from "../kinde/faults.ts";
import { createFaultyEvents } from "../kinde/faulty-events.ts";
import { signFaultyEvent } from "../kinde/faulty-token.ts";
import type { Origin } from "../kinde/ids.ts";
import { signEvent } from "../kinde/sign.ts";
import { createSigningKey, type SigningKey } from "../kinde/signing-key.ts";
import type { Verification } from "../kinde/verify.ts";

/** What is sent of an event: itself, or what a fault makes of it. */
export interface SignedEvents {
  /** In the order of sending. */
  readonly claims: readonly ReceivedEvent[];
  /** @returns a token for each */
  sign(): Promise<readonly string[]>;
}

export interface SignOptions {
  readonly fault: FaultName | undefined;
  readonly origin: Origin;
  readonly signingKey: SigningKey;
}

export function createSignedEvents(
  event: KindeEvent,
  { fault, origin, signingKey }: SignOptions,
): SignedEvents {
  if (fault === undefined) {
    return {
      claims: [event as unknown as ReceivedEvent],
      sign: async () => [await signEvent(event, signingKey)],
    };
  }
  const claims = createFaultyEvents(fault, event, origin);
  return {
    claims,
    sign: async () =>
      await Promise.all(claims.map((each) => signFaultyEvent(fault, each, { signingKey, foreignKey }))),
  };
}

/** Signed a moment ago with a key of the JWKS that this issuer serves, unless the fault is in that. */
export function verificationOf(
  fault: FaultName | undefined,
  by: { readonly kid: string; readonly issuer: string },
): Verification {
  const reason = fault === undefined ? null : faultOf(fault).reason;
  return reason === null ? { status: "verified", ...by } : { status: "unverified", reason };
}

let madeForeignKey: Promise<SigningKey> | undefined;

/** A key that no JWKS has, made when a fault first needs one: that takes 0.1 s. */
function foreignKey(): Promise<SigningKey> {
  return (madeForeignKey ??= createSigningKey());
}
