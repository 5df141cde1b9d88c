/** The keys of an issuer over time: asked for whenever one is needed, for they may be rotated meanwhile. */
import type { Jwks } from "./jwks.ts";
import { createKeySet, retireKeys, rotateKey, type IssuerKey } from "./key-set.ts";
import { createSigningKey, type SigningKey } from "./signing-key.ts";

export interface SigningKeys {
  /** The key that signs now. */
  current(): SigningKey;
  /** All public keys, of that which signs first. One and the same object until they change. */
  jwks(): Jwks;
}

export interface RotatableKeys extends SigningKeys {
  /** As `jwks` has them. */
  list(): readonly IssuerKey[];
  /**
   * Has a new key sign from now on; making it takes about 0.1 s. The one before still verifies until it is retired.
   * @returns the new one
   */
  rotate(): Promise<SigningKey>;
  /**
   * Drops keys that were rotated: what they signed verifies no more.
   * @param kids key ids, or beginnings that name one each; all that were rotated when there are none
   * @throws {UnknownKeyError} `ERR_UNKNOWN_KEY`
   * @throws {KeySignsError} `ERR_KEY_SIGNS`
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
   */
  retire(kids: readonly string[]): void;
}

/** Keys that nothing but this process knows. */
export interface KeysInMemory extends RotatableKeys {
  /**
   * `rotate` with a key at hand.
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when it is there already
   */
  rotateTo(next: SigningKey): void;
  /** The first key alone, as at the start. */
  restore(): void;
}

export function createSigningKeys(first: SigningKey): KeysInMemory {
  let set = createKeySet(first);
  const rotateTo = (next: SigningKey): void => {
    set = rotateKey(set, next);
  };
  return {
    current: () => set.signingKey,
    jwks: () => set.jwks,
    list: () => set.keys,
    rotate: async () => {
      const next = await createSigningKey();
      rotateTo(next);
      return next;
    },
    rotateTo,
    retire: (kids) => {
      set = retireKeys(set, kids);
    },
    restore: () => {
      set = createKeySet(first);
    },
  };
}
