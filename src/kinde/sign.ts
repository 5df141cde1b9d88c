/** Signing as Kinde does: a compact JWS (RFC 7515, section 7.1) with RS256. */
import { sign } from "node:crypto";
import type { KindeEvent } from "./events.ts";
import { isJsonObject, stringifySorted, type JsonValue } from "./json.ts";
import { parseOption } from "./parse-option.ts";
import { isSigningKey, type SigningKey } from "./signing-key.ts";

/**
 * The webhook token of an event: what Kinde puts into the request body.
 * The header has `alg`, `kid`, `typ` in that order; claims are sorted at every level.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when the event is no object, or the key no signing key
 */
export async function signEvent(event: KindeEvent, key: SigningKey): Promise<string> {
  parseOption("event of signEvent", event, "an event of createEvent", isJsonObject);
  parseOption("key of signEvent", key, "a key of createSigningKey or importSigningKey", isSigningKey);
  const header = JSON.stringify({ alg: "RS256", kid: key.kid, typ: "JWT" });
  const input = `${base64url(header)}.${base64url(stringifySorted(event as unknown as JsonValue))}`;
  const signature = await new Promise<Buffer>((resolve, reject) => {
    // With a callback the work is done in the thread pool, and several tokens are signed at once.
    sign("sha256", Buffer.from(input), key.privateKey, (error, signed) => {
      if (error) reject(error);
      else resolve(signed);
    });
  });
  return `${input}.${signature.toString("base64url")}`;
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
