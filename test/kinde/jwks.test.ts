import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLocalJwks, followJwks, importKeys, parseJwks } from "../../src/kinde/jwks.ts";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";

const issuer = "https://acme.kinde.com";
const own = signingKey.publicJwk;
const { alg: _alg, ...withoutAlg } = own;
const { use: _use, ...withoutUse } = own;
const { kid: _kid, ...withoutKid } = own;
const { n: _n, ...withoutModulus } = own;
const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });

describe("parsing", () => {
  test("takes RSA signature keys in their order", () => {
    const jwks = { keys: [foreignKey.publicJwk, own] };
    expect(parseJwks(jwks, issuer)).toEqual(jwks);
  });

  test("takes a key that names no algorithm", () => {
    expect(parseJwks({ keys: [withoutAlg] }, issuer)).toEqual({ keys: [own] });
  });

  test("copies the members of a public key only", () => {
    const chatty = { ...exportPrivateJwk(signingKey), ...own, x5c: ["MII"], key_ops: ["verify"], note: "x" };
    expect(parseJwks({ keys: [chatty], more: true }, issuer)).toEqual({ keys: [own] });
  });

  test("takes an empty set", () => {
    expect(parseJwks({ keys: [] }, issuer)).toEqual({ keys: [] });
  });

  test.each<[what: string, member: unknown]>([
    ["for encryption", { ...own, use: "enc" }],
    ["without a use", withoutUse],
    ["for another algorithm", { ...own, alg: "RS512" }],
    ["for PSS signatures", { ...own, alg: "PS256" }],
    ["without a key id", withoutKid],
    ["whose key id is no text", { ...own, kid: 7 }],
    ["of 1024 bits", { ...own, ...weak }],
    ["without a modulus", withoutModulus],
    ["whose modulus is no base64url", { ...own, n: "" }],
    ["on an elliptic curve", { ...curve, kid: "ec", use: "sig", alg: "ES256" }],
    ["on an elliptic curve that calls itself RSA", { ...curve, kid: "ec", use: "sig", kty: "RSA" }],
    ["that is symmetric", { kty: "oct", k: "c2VjcmV0", kid: "oct", use: "sig", alg: "HS256" }],
    ["that is null", null],
    ["that is text", "key"],
    ["that is an array", [own]],
  ])("skips a member %s, and takes the rest", (_what, member) => {
    expect(parseJwks({ keys: [member, own] }, issuer)).toEqual({ keys: [own] });
  });

  test.each([null, undefined, [], [own], "<html>", 42, {}, { keys: {} }, { keys: "x" }, { Keys: [own] }])(
    "refuses %j, which is no set of keys",
    (value) => {
      expect(() => parseJwks(value, issuer)).toThrow(expect.objectContaining({ code: "ERR_JWKS_INVALID" }));
    },
  );

  test("meets whatever JSON stands in a set with a set of keys, never with a crash", () => {
    const member = fc.oneof(
      fc.jsonValue(),
      fc.record({
        kty: fc.constantFrom("RSA", "EC"),
        use: fc.constant("sig"),
        kid: fc.string(),
        e: fc.constantFrom("AQAB", "", "AA", 1),
        n: fc.oneof(fc.constant(own.n), fc.base64String(), fc.jsonValue()),
      }),
    );
    fc.assert(
      fc.property(fc.array(member), (keys) => {
        const parsed = parseJwks({ keys }, issuer);
        expect(importKeys(parsed).size).toBe(new Set(parsed.keys.map(({ kid }) => kid)).size);
      }),
    );
  });
});

describe("a source of keys", () => {
  const keys = createLocalJwks(issuer, { keys: [own, foreignKey.publicJwk] });

  test("names its issuer and gives each key by its id", async () => {
    expect(keys.issuer).toBe(issuer);
    for (const { publicJwk } of [signingKey, foreignKey]) {
      const key = await keys.keyFor(publicJwk.kid);
      expect(key?.type).toBe("public");
      expect(key?.export({ format: "jwk" })).toMatchObject({ n: publicJwk.n, e: publicJwk.e });
    }
  });

  test.each(["", "nobody", own.kid.toUpperCase(), `${own.kid} `, "__proto__", "constructor", "../keys.json"])(
    "has no key %j",
    async (kid) => {
      expect(await keys.keyFor(kid)).toBeUndefined();
    },
  );

  test("takes the first of two keys with one id", async () => {
    const twins = createLocalJwks(issuer, { keys: [own, { ...foreignKey.publicJwk, kid: own.kid }] });
    expect((await twins.keyFor(own.kid))?.export({ format: "jwk" })).toMatchObject({ n: own.n });
  });
});

test("a followed set has the keys that there are when it is asked", async () => {
  let jwks = { keys: [own] };
  const followed = followJwks(issuer, () => jwks);
  expect(followed.issuer).toBe(issuer);
  expect([followed.has(own.kid), followed.has(foreignKey.kid)]).toEqual([true, false]);
  expect(await followed.keyFor(own.kid)).toBe(await followed.keyFor(own.kid));
  jwks = { keys: [foreignKey.publicJwk] };
  expect([followed.has(own.kid), followed.has(foreignKey.kid)]).toEqual([false, true]);
  expect((await followed.keyFor(foreignKey.kid))?.export({ format: "jwk" }).n).toBe(foreignKey.publicJwk.n);
  expect(await followed.keyFor(own.kid)).toBeUndefined();
});
