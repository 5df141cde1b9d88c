/**
 * Verifying a webhook token: a compact JWS (RFC 7515) that Kinde signed and that is an event.
 * The signature check is one call of node:crypto, a third of the time a general JOSE library takes;
 * all around it is stricter than such a library has to be.
 */
import { KeyObject, verify } from "node:crypto";
import { DevhookError } from "./errors.ts";
import { isEvent, type ReceivedEvent } from "./events.ts";
import { isJsonObject } from "./json.ts";
import { isVerificationKey, type KeySource } from "./jwks.ts";

/** Why a token did not verify. */
export type VerificationErrorCode =
  | "ERR_NOT_A_JWT"
  | "ERR_WRONG_ALG"
  | "ERR_UNSUPPORTED_HEADER"
  | "ERR_MISSING_KID"
  | "ERR_UNKNOWN_KID"
  | "ERR_BAD_SIGNATURE"
  | "ERR_JWKS_UNREACHABLE"
  | "ERR_JWKS_INVALID"
  | "ERR_ACCESS_TOKEN"
  | "ERR_NOT_AN_EVENT"
  | "ERR_EVENT_TOO_OLD";

export type Verification =
  | { readonly status: "verified"; readonly kid: string; readonly issuer: string }
  | { readonly status: "unverified"; readonly reason: VerificationErrorCode };

export type VerifiedToken =
  | (Extract<Verification, { status: "verified" }> & { readonly event: ReceivedEvent })
  | (Extract<Verification, { status: "unverified" }> & { readonly message: string });

export type SignedToken =
  | (Extract<Verification, { status: "verified" }> & { readonly claims: unknown })
  | Extract<VerifiedToken, { status: "unverified" }>;

export interface VerifyTokenOptions {
  /** Refuse an older event. Default: any age is taken, for webhook tokens never expire. */
  readonly maxAge?: {
    /** How far back its `timestamp` may lie. */
    readonly limitMs: number;
    /** Epoch milliseconds. */
    readonly now: number;
  };
}

const quotedLength = 100;

/** Claims that Kinde's access, ID and M2M tokens carry, and webhook tokens never. They are signed with the same keys. */
const loginClaims = ["azp", "sub", "scp", "scope", "gty"];

/**
 * Checks signature, key and shape of a webhook token.
 * @returns the event, or the reason as a code and a sentence; never throws for what a token holds
 */
export async function verifyToken(
  token: string,
  keys: KeySource,
  { maxAge }: VerifyTokenOptions = {},
): Promise<VerifiedToken> {
  const signed = await verifySignature(token, keys);
  return signed.status === "verified" ? judgeClaims(signed, maxAge) : signed;
}

/** Checks signature and key alone: whatever claims the issuer has signed. */
export async function verifySignature(token: string, keys: KeySource): Promise<SignedToken> {
  // A caller without types may pass a body that a parser has already turned into something else.
  const parts = typeof token === "string" ? token.split(".") : [];
  if (parts.length !== 3) return unverified("ERR_NOT_A_JWT", "it has not three parts joined by dots");
  const [header, claims] = [parseHeader(parts[0]!), parseSegment(parts[1]!)];
  const signature = decodeCanonical(parts[2]!);
  if (!isJsonObject(header) || claims === undefined || signature === undefined) {
    return unverified("ERR_NOT_A_JWT", "a part is not canonical base64url, or not JSON");
  }
  if (header["alg"] !== "RS256") {
    return unverified(
      "ERR_WRONG_ALG",
      `it is signed with ${quote(header["alg"])}, and Kinde signs with RS256`,
    );
  }
  // RFC 7515, section 4.1.11: who does not understand an extension that "crit" names must refuse. We understand none.
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) {
    return unverified("ERR_UNSUPPORTED_HEADER", "its header demands an extension that Kinde does not use");
  }
  // `jku`, `jwk`, `x5u` and `x5c` are never read: a token must not choose the key that verifies it.
  const kid = header["kid"];
  if (typeof kid !== "string" || kid === "") return unverified("ERR_MISSING_KID", "its header names no key");

  let key;
  try {
    key = await keys.keyFor(kid);
  } catch (error) {
    if (
      error instanceof DevhookError &&
      (error.code === "ERR_JWKS_UNREACHABLE" || error.code === "ERR_JWKS_INVALID")
    ) {
      return { status: "unverified", reason: error.code, message: error.message };
    }
    throw error;
  }
  // A source may be anybody's: RS256 with a key of another kind would verify what no RSA key signed.
  if (!(key instanceof KeyObject) || !isVerificationKey(key)) {
    return unverified(
      "ERR_UNKNOWN_KID",
      `the JWKS of ${keys.issuer} has no RSA key ${quote(kid)} of 2048 bits or more`,
    );
  }
  if (!verify("sha256", Buffer.from(`${parts[0]}.${parts[1]}`), key, signature)) {
    return unverified("ERR_BAD_SIGNATURE", "its signature does not match its content");
  }
  return { status: "verified", kid, issuer: keys.issuer, claims };
}

/** For a sentence. Whatever a stranger writes into a header is bounded here: JSON of any depth would overflow the stack. */
function quote(value: unknown): string {
  if (typeof value !== "string") return value === undefined ? "nothing" : "what is no text";
  return value.length > quotedLength
    ? `${JSON.stringify(value.slice(0, quotedLength))}…`
    : JSON.stringify(value);
}

/** The event that a token carries, whoever signed it: nothing is checked. `undefined` when it carries none. */
export function decodeToken(token: string): ReceivedEvent | undefined {
  const claims = typeof token === "string" ? readClaims(token) : undefined;
  return isEvent(claims) ? claims : undefined;
}

/** The claims of a token, unverified; `undefined` when it is no JWT. */
export function readClaims(token: string): unknown {
  const parts = token.split(".");
  return parts.length === 3 ? parseSegment(parts[1]!) : undefined;
}

function judgeClaims(
  { claims, ...by }: Extract<SignedToken, { status: "verified" }>,
  maxAge: VerifyTokenOptions["maxAge"],
): VerifiedToken {
  const login = isJsonObject(claims) ? loginClaims.find((name) => Object.hasOwn(claims, name)) : undefined;
  if (login !== undefined) {
    return unverified(
      "ERR_ACCESS_TOKEN",
      `it carries "${login}", so it is an access, ID or M2M token and no webhook`,
    );
  }
  if (!isEvent(claims)) {
    return unverified("ERR_NOT_AN_EVENT", "its claims lack type, event_id, timestamp or data");
  }
  if (maxAge !== undefined) {
    const age = maxAge.now - Date.parse(claims.timestamp);
    // A timestamp that can't be read has no age anyone could vouch for.
    if (!(age <= maxAge.limitMs)) {
      return unverified("ERR_EVENT_TOO_OLD", describeAge(claims.timestamp, age, maxAge.limitMs));
    }
  }
  return { ...by, event: claims };
}

function describeAge(timestamp: string, age: number, limitMs: number): string {
  return Number.isNaN(age)
    ? `its timestamp, ${quote(timestamp)}, can't be read`
    : `it is ${describeTime(age)} old (its timestamp is ${quote(timestamp)}), and ${describeTime(limitMs)} are allowed`;
}

/** In the largest unit that leaves two of it. */
function describeTime(milliseconds: number): string {
  const [size, unit] = (
    [
      [3_600_000, "h"],
      [60_000, "min"],
      [1_000, "s"],
    ] as const
  ).find(([each]) => milliseconds >= 2 * each) ?? [1, "ms"];
  return `${Math.round(milliseconds / size)} ${unit}`;
}

function unverified(
  reason: VerificationErrorCode,
  cause: string,
): Extract<VerifiedToken, { status: "unverified" }> {
  return { status: "unverified", reason, message: `Failed to verify the token: ${cause}.` };
}

let latestHeader: { readonly segment: string; readonly header: unknown } | undefined;

/** All tokens of one key have the same header, so that the latest is kept. Nothing of what it leads to is. */
function parseHeader(segment: string): unknown {
  if (latestHeader?.segment !== segment) latestHeader = { segment, header: parseSegment(segment) };
  return latestHeader.header;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseSegment(segment: string): unknown {
  const bytes = decodeCanonical(segment);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a base64url text, only if it is the one way to write them. Node's decoder skips foreign characters
 * and leftover bits, so that several texts would stand for one signature.
 */
function decodeCanonical(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
