/** Tokens that choose how they are verified: RFC 8725, sections 2.1 and 3.1. */
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { Attack } from "./attack.ts";
import { noSignature, realKey, signedRow as row, type Signer } from "./signed-row.ts";

const publicKey: KeyObject = createPublicKey(realKey);
const { privateKey: ellipticKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { privateKey: edwardsKey } = generateKeyPairSync("ed25519");

const noneSpellings: readonly unknown[] = [
  "none",
  "None",
  "NONE",
  "nOnE",
  "none ",
  "",
  " ",
  "rs256",
  "Rs256",
  "RS256 ",
  " RS256",
  "RS256\0",
  "RS-256",
  null,
  0,
  true,
  ["RS256"],
  { RS256: true },
  undefined,
];

const algorithms: readonly Attack[] = noneSpellings.flatMap((alg) => {
  const name = `alg ${alg === undefined ? "left out" : JSON.stringify(alg)}`;
  return [
    row(`${name}, unsigned`, () => ({ alg }), noSignature, "ERR_WRONG_ALG"),
    row(`${name}, signed with the real key`, () => ({ alg }), realKey, "ERR_WRONG_ALG"),
  ];
});

// The confusion of RFC 8725, section 2.1: what is public is taken for a shared secret.
const publicForms: readonly (readonly [name: string, form: string | Buffer])[] = [
  ["SPKI PEM", publicKey.export({ type: "spki", format: "pem" })],
  ["SPKI PEM without its last newline", publicKey.export({ type: "spki", format: "pem" }).toString().trim()],
  ["PKCS #1 PEM", publicKey.export({ type: "pkcs1", format: "pem" })],
  ["SPKI DER", publicKey.export({ type: "spki", format: "der" })],
  ["PKCS #1 DER", publicKey.export({ type: "pkcs1", format: "der" })],
  ["JWK", JSON.stringify(publicKey.export({ format: "jwk" }))],
  ["modulus", Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url")],
  ["modulus in base64url", publicKey.export({ format: "jwk" }).n ?? ""],
  ["empty secret", ""],
];

const sharedSecrets: readonly Attack[] = publicForms.flatMap(([name, form]) => {
  const signer = (hash: string) => (input: Buffer) => createHmac(hash, form).update(input).digest();
  return [
    row(
      `HS256 keyed with the public key as ${name}`,
      () => ({ alg: "HS256" }),
      signer("sha256"),
      "ERR_WRONG_ALG",
    ),
    row(`HS256 keyed with the ${name}, called RS256`, () => ({}), signer("sha256"), "ERR_BAD_SIGNATURE"),
  ];
});

const pss = { padding: 6, saltLength: 32 };
const otherAlgorithms: readonly (readonly [alg: string, signer: Signer])[] = [
  ["PS256", (input) => sign("sha256", input, { key: realKey, ...pss })],
  ["PS384", (input) => sign("sha384", input, { key: realKey, ...pss, saltLength: 48 })],
  ["PS512", (input) => sign("sha512", input, { key: realKey, ...pss, saltLength: 64 })],
  ["RS1", (input) => sign("sha1", input, realKey)],
  ["RS384", (input) => sign("sha384", input, realKey)],
  ["RS512", (input) => sign("sha512", input, realKey)],
  ["HS384", (input) => createHmac("sha384", "secret").update(input).digest()],
  ["HS512", (input) => createHmac("sha512", "secret").update(input).digest()],
  ["ES256", (input) => sign("sha256", input, { key: ellipticKey, dsaEncoding: "ieee-p1363" })],
  ["EdDSA", (input) => sign(null, input, edwardsKey)],
];

const others: readonly Attack[] = otherAlgorithms.flatMap(([alg, signer]) => [
  row(`${alg} with the right key id`, () => ({ alg }), signer, "ERR_WRONG_ALG"),
  row(`${alg} called RS256`, () => ({}), signer, "ERR_BAD_SIGNATURE"),
]);

export const algorithmAttacks: readonly Attack[] = [...algorithms, ...sharedSecrets, ...others];
