/** Signing as Kinde does: a compact JWS (RFC 7515, section 7.1) with RS256. */
import { sign } from "node:crypto";
import { InvalidOptionError } from "./errors.ts";
import type { KindeEvent } from "./events.ts";
import { isJsonObject, stringifySorted, type JsonObject } from "./json.ts";
import { describeValue } from "./parse-option.ts";
import { parseSigningKey, type SigningKey } from "./signing-key.ts";

/**
 * The webhook token of an event: what Kinde puts into the request body.
 * The header has `alg`, `kid`, `typ` in that order; claims are sorted at every level.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when the event is no object that JSON has, or the key no signing key
 */
export async function signEvent(event: KindeEvent, key: SigningKey): Promise<string> {
  const claims = readClaims(event);
  return await signClaims(claims, parseSigningKey(key, "key of signEvent"));
}

/** A token of any claims, written and signed in the one way that Kinde's tokens are. */
export async function signClaims(claims: JsonObject, key: SigningKey): Promise<string> {
  return await signInput(createSigningInput({ alg: "RS256", kid: key.kid, typ: "JWT" }, claims), key);
}

/** What a signature is over (RFC 7515, section 5.1): the header as it stands, and the claims, sorted. */
export function createSigningInput(header: Readonly<Record<string, string>>, claims: JsonObject): string {
  return `${base64url(JSON.stringify(header))}.${base64url(stringifySorted(claims))}`;
}

/** The token of an input, signed with RS256 whatever its header says. */
export async function signInput(input: string, { privateKey }: SigningKey): Promise<string> {
  const signature = await new Promise<Buffer>((resolve, reject) => {
    // With a callback the work is done in the thread pool, and several tokens are signed at once.
    sign("sha256", Buffer.from(input), privateKey, (error, signed) => {
      if (error) reject(error);
      else resolve(signed);
    });
  });
  return `${input}.${signature.toString("base64url")}`;
}

/** The claims as JSON has them: a member that is `undefined` is none, a `Date` is text. */
function readClaims(event: unknown): JsonObject {
  try {
    const claims: unknown = JSON.parse(JSON.stringify(event));
    if (isJsonObject(claims)) return claims;
  } catch {
    // A number that JSON has no form for, or a circle.
  }
  throw new InvalidOptionError(
    "event of signEvent",
    "an event of createEvent, or another object that JSON can write",
    describeValue(event),
  );
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
