import { inject } from "vitest";
import { importSigningKey, type SigningKey } from "../../src/kinde/signing-key.ts";
import { createSigningKeys, type KeysInMemory } from "../../src/kinde/signing-keys.ts";

export const signingKey: SigningKey = importSigningKey(inject("privateJwk"));
export const foreignKey: SigningKey = importSigningKey(inject("foreignPrivateJwk"));

/** The first of them alone; who rotates or retires makes keys of its own. */
export const signingKeys: KeysInMemory = createSigningKeys(signingKey);
