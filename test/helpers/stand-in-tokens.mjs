// The keys and tokens of the stand-in for Kinde, written a second time from Kinde's side: node:crypto and no code of src.
import { createPrivateKey, generateKeyPair, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A new signing key, with a key id as Kinde's: 16 hex bytes joined by colons, which tell nothing of the key. */
export async function createKey() {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return keyOf(privateKey);
}

/** @param {import("node:crypto").JsonWebKey} jwk */
export function importKey(jwk) {
  return keyOf(createPrivateKey({ key: jwk, format: "jwk" }));
}

function keyOf(privateKey) {
  const { e, n } = privateKey.export({ format: "jwk" });
  const kid = randomBytes(16).toString("hex").match(/../g).join(":");
  return { kid, privateKey, publicJwk: { e, n, alg: "RS256", kid, kty: "RSA", use: "sig" } };
}

/**
 * A compact JWT: the header's `alg`, `kid`, `typ` in that order, claims in alphabetical order at every level.
 * @param {object} claims a claim that is `undefined` is left out
 * @param {object} [header] laid over Kinde's own
 */
export function signToken(claims, { kid, privateKey }, header = {}) {
  const input = [JSON.stringify({ alg: "RS256", kid, typ: "JWT", ...header }), stringifySorted(claims)]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
}

/** The claims of an event that happens now, of the sample of its type. */
export function sampleEvent(type) {
  const path = new URL(`../../fixtures/events/${type}.json`, import.meta.url);
  const { data } = JSON.parse(readFileSync(path, "utf8"));
  const now = new Date();
  const isAuthentication = ["user.authenticated", "user.authentication_failed"].includes(type);
  return {
    data,
    event_id: `event_${now.getTime().toString(16).padStart(12, "0")}${randomBytes(10).toString("hex")}`,
    event_timestamp: now.toISOString(),
    ip_address: isAuthentication ? "203.0.113.7" : undefined,
    source: isAuthentication ? "user" : "api",
    timestamp: now.toISOString(),
    type,
  };
}

function stringifySorted(value) {
  if (Array.isArray(value)) return `[${value.map(stringifySorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stringifySorted(value[name])}`);
  return `{${members.join(",")}}`;
}
