import { createHash, generateKeyPairSync, sign } from "node:crypto";

/**
 * The same token as a forger would make it: header (with the real key id) and claims to the byte, signed with a key
 * of the forger's own.
 */
export function forge(token) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const input = token.slice(0, token.lastIndexOf("."));
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
}

/** The key id that a token names. */
export function readKeyId(token) {
  return readPart(token, 0).kid;
}

/** The claims of a token, unverified. */
export function readClaims(token) {
  return readPart(token, 1);
}

/** What two bodies have in common if they are the same to the byte. */
export function hashOf(body) {
  return createHash("sha256").update(body).digest("hex");
}

/** A key id, as far as a table has room for it. */
export function shorten(kid) {
  return `${kid.slice(0, 11)}…`;
}

function readPart(token, index) {
  return JSON.parse(Buffer.from(token.split(".")[index], "base64url").toString());
}
