/** Tokens that do not verify, each for one reason. The attacks among them: RFC 8725, sections 2.1 and 3.1. */
import { createHmac, createPublicKey } from "node:crypto";
import { tamperData } from "./faulty-data.ts";
import type { EventClaims } from "./faulty-events.ts";
import type { FaultName } from "./faults.ts";
import { createSigningInput, signClaims, signInput } from "./sign.ts";
import type { SigningKey } from "./signing-key.ts";

export interface FaultyTokenKeys {
  readonly signingKey: SigningKey;
  /** A key that the JWKS does not have; asked for by the faults that need one. `createSigningKey` makes one. */
  readonly foreignKey: () => Promise<SigningKey>;
}

/** The token of an event under a fault. For a fault of another kind it is the one that `signEvent` makes. */
export async function signFaultyEvent(
  fault: FaultName,
  claims: EventClaims,
  { signingKey, foreignKey }: FaultyTokenKeys,
): Promise<string> {
  const { kid } = signingKey;
  switch (fault) {
    case "unknown-kid":
      return await signClaims(claims, await foreignKey());
    case "foreign-key":
      return await signClaims(claims, { ...(await foreignKey()), kid });
    case "alg-none":
      return `${createSigningInput({ alg: "none", kid, typ: "JWT" }, claims)}.`;
    case "hs256-public-key":
      return signWithPublicKey(createSigningInput({ alg: "HS256", kid, typ: "JWT" }, claims), signingKey);
    case "missing-kid":
      return await signInput(createSigningInput({ alg: "RS256", typ: "JWT" }, claims), signingKey);
    case "tampered-claims":
      return exchangeClaims(await signClaims(claims, signingKey), claims);
    case "bad-signature":
      return spoilSignature(await signClaims(claims, signingKey));
    case "truncated-token":
      return truncate(await signClaims(claims, signingKey));
    default:
      return await signClaims(claims, signingKey);
  }
}

/** The classic confusion: whoever verifies with "the key", and lets the header say how, takes the PEM for a secret. */
function signWithPublicKey(input: string, { privateKey }: SigningKey): string {
  const pem = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
  return `${input}.${createHmac("sha256", pem).update(input).digest("base64url")}`;
}

/** Other claims between the old header and the old signature. */
function exchangeClaims(token: string, claims: EventClaims): string {
  const [header, , signature] = token.split(".");
  const tampered = createSigningInput({}, { ...claims, data: tamperData(claims.data) }).split(".")[1];
  return [header, tampered, signature].join(".");
}

/** Of the right length, and the one way to write its bytes: nothing but the check itself can find it wrong. */
function spoilSignature(token: string): string {
  const [header, claims, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  bytes[bytes.length >> 1]! ^= 1;
  return [header, claims, bytes.toString("base64url")].join(".");
}

/** Cut in the middle of its claims, so that two parts are left. */
function truncate(token: string): string {
  const [header = "", claims = ""] = token.split(".");
  return token.slice(0, header.length + 1 + (claims.length >> 1));
}
