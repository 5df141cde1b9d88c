/**
 * The access tokens of machine-to-machine applications (OAuth 2.0, RFC 6749, section 4.4).
 * Source: Kinde docs, "Connect to Kinde API"; claims of captured tokens.
 */
import type { Origin } from "./ids.ts";
import { isJsonObject } from "./json.ts";
import type { KeySource } from "./jwks.ts";
import { isTexts } from "./parse-option.ts";
import { signClaims } from "./sign.ts";
import type { SigningKey } from "./signing-key.ts";
import { verifySignature } from "./verify.ts";

export interface AccessTokenOrder {
  /** The URL of the issuer as the client knows it. */
  readonly issuer: string;
  readonly clientId: string;
  /** What the token is for, as it was asked for: clients compare it. */
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
}

/** How long a token is good for, in seconds. */
export const accessTokenLifetimeS = 3_600;

/** The scopes of the Management API's calls on webhooks and events. */
export const managementScopes: readonly string[] = [
  "create:webhooks",
  "delete:webhooks",
  "read:event_types",
  "read:events",
  "read:webhooks",
  "update:webhooks",
];

/** A signed token; its times are in seconds. */
export async function createAccessToken(
  { issuer, clientId, audience, scopes }: AccessTokenOrder,
  key: SigningKey,
  { now, randomBytes }: Origin,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    aud: [...audience],
    azp: clientId,
    exp: issuedAt + accessTokenLifetimeS,
    gty: ["client_credentials"],
    iat: issuedAt,
    iss: issuer,
    jti: createUuid(randomBytes),
    scope: scopes.join(" "),
    scp: [...scopes],
    v: "2",
  };
  return await signClaims(claims, key);
}

/** Why an access token does not open a call; `message` is for people. */
export interface AccessRefusal {
  readonly code: "TOKEN_INVALID" | "SCOPE_MISSING";
  readonly message: string;
}

export interface AccessRules {
  /** The scope that the call needs. */
  readonly scope: string;
  readonly keys: KeySource;
  /** Whether a token's `iss` is the issuer that is called: several may have one key. */
  readonly isIssuer: (issuer: string) => boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Whether a token opens a call: signed by a key of ours, for this issuer, not expired, with the scope.
 * @returns `undefined` when it does
 */
export async function judgeAccessToken(
  token: string | undefined,
  { scope, keys, isIssuer, now }: AccessRules,
): Promise<AccessRefusal | undefined> {
  if (token === undefined) {
    return invalid("The call needs a token of POST /oauth2/token, as Authorization: Bearer …");
  }
  const signed = await verifySignature(token, keys);
  if (signed.status === "unverified") return invalid(signed.message);
  const { exp, iss, scp } = isJsonObject(signed.claims) ? signed.claims : {};
  const expiresAt = new Date(typeof exp === "number" ? exp * 1000 : Number.NaN);
  if (!isTexts(scp) || Number.isNaN(expiresAt.getTime())) {
    return invalid("It is no access token of an application.");
  }
  if (typeof iss !== "string" || !isIssuer(iss)) return invalid("The token is of another issuer.");
  if (expiresAt.getTime() <= now) return invalid(`The token expired at ${expiresAt.toISOString()}.`);
  if (scp.includes(scope)) return undefined;
  const message = `The token lacks the scope ${scope}; it has ${scp.join(" ") || "none"}.`;
  return { code: "SCOPE_MISSING", message };
}

function invalid(message: string): AccessRefusal {
  return { code: "TOKEN_INVALID", message };
}

/** A random UUID (RFC 9562, section 5.4). */
function createUuid(randomBytes: Origin["randomBytes"]): string {
  const bytes = Buffer.from(randomBytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
