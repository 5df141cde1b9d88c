import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSigningKey, exportPrivateJwk, importSigningKey } from "../../src/kinde/signing-key.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";

test("a key id is 16 lower-case hex bytes joined by colons", () => {
  expect(signingKey.kid).toMatch(/^[\da-f]{2}(:[\da-f]{2}){15}$/);
});

test("the public JWK has Kinde's members in Kinde's order, and none of the private ones", () => {
  expect(Object.keys(signingKey.publicJwk)).toEqual(["e", "n", "alg", "kid", "kty", "use"]);
  expect(signingKey.publicJwk).toMatchObject({
    e: "AQAB",
    alg: "RS256",
    kid: signingKey.kid,
    kty: "RSA",
    use: "sig",
  });
});

test("a new key is RSA of 2048 bits", async () => {
  const { privateKey } = await createSigningKey();
  expect(privateKey.asymmetricKeyType).toBe("rsa");
  expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
});

test("an exported key comes back as itself, key id and all", () => {
  const again = importSigningKey(JSON.parse(JSON.stringify(exportPrivateJwk(signingKey))));
  expect(again.kid).toBe(signingKey.kid);
  expect(again.publicJwk).toEqual(signingKey.publicJwk);
  expect(again.privateKey.equals(signingKey.privateKey)).toBe(true);
});

test("two keys have two key ids", () => {
  expect(foreignKey.kid).not.toBe(signingKey.kid);
});

describe("importing refuses", () => {
  const { d: _exponent, ...withoutExponent } = exportPrivateJwk(signingKey);
  const refused: [what: string, jwk: unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["text", "-----BEGIN PRIVATE KEY-----"],
    ["an empty object", {}],
    ["a public key", signingKey.publicJwk],
    ["a private key without its exponent", withoutExponent],
    ["a private key whose modulus is no text", { ...exportPrivateJwk(signingKey), n: 7 }],
    ["a weak RSA key", privateJwk("rsa")],
    ["an elliptic-curve key", privateJwk("ec")],
    ["an Edwards-curve key", privateJwk("ed25519")],
  ];
  test.each(refused)("%s", (_what, jwk) => {
    expect(() => importSigningKey(jwk)).toThrow(expect.objectContaining({ code: "ERR_INVALID_KEY" }));
  });
});

function privateJwk(kind: "rsa" | "ec" | "ed25519"): object {
  const { privateKey } =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 1024 })
      : kind === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  return privateKey.export({ format: "jwk" });
}
