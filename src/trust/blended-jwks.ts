/** One key set of two issuers: a running app takes relayed and emitted events alike. */
import { followJwks, type Jwks, type KeySource } from "../kinde/jwks.ts";
import type { RemoteJwks } from "./remote-jwks.ts";

export interface BlendedJwksOptions {
  /** The local issuer's URL. */
  readonly localIssuer: string;
  /** Our own keys as they are now; the same object as long as they are the same. */
  readonly localKeys: () => Jwks;
  /** The real issuer's, if there is one. */
  readonly remote: RemoteJwks | undefined;
  /** Called when the real issuer's keys can't be had, once until they could be had again. */
  readonly onFailure?: (error: unknown) => void;
}

export interface BlendedJwks extends KeySource {
  /** `undefined` without a real issuer. */
  readonly realIssuer: string | undefined;
  /** Whether the real issuer's keys could be had when they were last asked for. */
  hasRealKeys(): boolean;
  /** The set to serve. Ours is always in it, the real issuer's as soon and as long as it can be had. */
  jwks(): Promise<Jwks>;
  /** The issuer whose key a key id names. */
  issuerOf(kid: string): string;
}

/** A key id that both have is the real issuer's. */
export function createBlendedJwks(options: BlendedJwksOptions): BlendedJwks {
  const { localIssuer, localKeys, remote, onFailure } = options;
  const local = followJwks(localIssuer, localKeys);
  const isOurs = (kid: string): boolean => remote?.has(kid) !== true && local.has(kid);
  let hasFailed = false;
  let blended: { readonly from: Jwks; readonly ours: Jwks; readonly jwks: Jwks } | undefined;

  const blend = async (source: RemoteJwks): Promise<Jwks> => {
    try {
      const from = await source.jwks();
      hasFailed = false;
      const ours = localKeys();
      if (blended?.from !== from || blended.ours !== ours) {
        const others = ours.keys.filter(({ kid }) => !source.has(kid));
        blended = { from, ours, jwks: { keys: [...from.keys, ...others] } };
      }
      return blended.jwks;
    } catch (error) {
      if (!hasFailed) onFailure?.(error);
      hasFailed = true;
      blended = undefined;
      return localKeys();
    }
  };

  return {
    issuer: remote?.issuer ?? localIssuer,
    realIssuer: remote?.issuer,
    hasRealKeys: () => blended !== undefined,
    issuerOf: (kid) => (remote === undefined || isOurs(kid) ? localIssuer : remote.issuer),
    // Ours is looked up first: the real issuer need not be asked for a key that it can't have.
    keyFor: (kid) => (remote === undefined || isOurs(kid) ? local : remote).keyFor(kid),
    jwks: async () => {
      if (remote === undefined) return localKeys();
      const blending = blend(remote);
      // The first to ask waits, for apps keep what they get first. After a failure nobody does, but for a set at hand.
      return hasFailed ? await Promise.race([blending, afterThisTurn(localKeys())]) : await blending;
    },
  };
}

async function afterThisTurn<Value>(value: Value): Promise<Value> {
  return await new Promise((resolve) => setImmediate(resolve, value));
}
