import type { Clock } from "../delivery/clock.ts";
import type { SigningKeys } from "../kinde/signing-keys.ts";
import { createBlendedJwks, type BlendedJwks, type BlendedJwksOptions } from "../trust/blended-jwks.ts";
import { createRemoteJwks } from "../trust/remote-jwks.ts";

export interface BlendKeysOptions extends Pick<BlendedJwksOptions, "onFailure"> {
  readonly signingKeys: SigningKeys;
  /** `undefined` for our own keys alone. */
  readonly realIssuer: string | undefined;
  readonly issuerPort: number;
  readonly clock: Clock;
  /** Ends requests to the real issuer that are under way. */
  readonly signal: AbortSignal;
}

/** The project's keys and the real issuer's, as the local issuer serves them. */
export function blendKeys(options: BlendKeysOptions): BlendedJwks {
  const { signingKeys, realIssuer, issuerPort, clock, signal, onFailure } = options;
  return createBlendedJwks({
    localIssuer: `http://localhost:${issuerPort}`,
    localKeys: signingKeys.jwks,
    remote:
      realIssuer === undefined ? undefined : createRemoteJwks(realIssuer, { now: () => clock.now(), signal }),
    ...(onFailure !== undefined && {
      // Nobody wants to hear that what we ended ourselves has failed.
      onFailure: (error: unknown) => {
        if (!signal.aborted) onFailure(error);
      },
    }),
  });
}
