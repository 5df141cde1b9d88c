import { inject } from "vitest";
import { importSigningKey, type SigningKey } from "../../src/kinde/signing-key.ts";

export const signingKey: SigningKey = importSigningKey(inject("privateJwk"));
export const foreignKey: SigningKey = importSigningKey(inject("foreignPrivateJwk"));
