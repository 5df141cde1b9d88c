import { describe, expect, test } from "vitest";
import { createKeySet, retireKeys, rotateKey, type IssuerKey, type KeySet } from "../../src/kinde/key-set.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";

const [made, rotatedOnce] = ["2026-01-02T03:04:05.000Z", "2026-02-03T04:05:06.000Z"];

function rotatedKey(kid: string): IssuerKey {
  return { kid, state: "rotated", publicJwk: { ...foreignKey.publicJwk, kid } };
}

function kidsOf({ keys }: KeySet): string[] {
  return keys.map(({ kid }) => kid);
}

describe("a set that is rotated", () => {
  test("signs with the new key, and has the public part of the old one", () => {
    const before = createKeySet(signingKey, made);
    const after = rotateKey(before, foreignKey, rotatedOnce);
    expect(after.signingKey).toBe(foreignKey);
    expect(after.keys).toEqual([
      { kid: foreignKey.kid, state: "signing", createdAt: rotatedOnce, publicJwk: foreignKey.publicJwk },
      {
        kid: signingKey.kid,
        state: "rotated",
        createdAt: made,
        rotatedAt: rotatedOnce,
        publicJwk: signingKey.publicJwk,
      },
    ]);
    expect(after.jwks).toEqual({ keys: [foreignKey.publicJwk, signingKey.publicJwk] });
    expect(before.signingKey).toBe(signingKey);
  });

  test.each([
    ["that signs", signingKey],
    ["that signed before", foreignKey],
  ])("to the key %s is ERR_INVALID_OPTION", (_which, next) => {
    const set = rotateKey(createKeySet(foreignKey), signingKey);
    expect(() => rotateKey(set, next)).toThrow(expect.objectContaining({ code: "ERR_INVALID_OPTION" }));
  });
});

describe("of a set with rotated keys", () => {
  // No digits of a key id, with which one that was drawn could begin.
  const set = createKeySet(signingKey, made, ["ya:11", "ya:22", "yb:33", "yb:33:44"].map(rotatedKey));
  const all = kidsOf(set);

  test.each<[string, string[], string[]]>([
    ["all but the one that signs", [], ["ya:11", "ya:22", "yb:33", "yb:33:44"]],
    ["one by its id", ["ya:22"], ["ya:22"]],
    ["one by the beginning of its id", ["ya:1"], ["ya:11"]],
    ["several", ["ya:1", "ya:2"], ["ya:11", "ya:22"]],
    ["one that is named twice", ["ya:1", "ya:11"], ["ya:11"]],
    ["one whose id another begins with", ["yb:33"], ["yb:33"]],
  ])("are retired: %s", (_which, kids, retired) => {
    const after = retireKeys(set, kids);
    expect(kidsOf(after)).toEqual(all.filter((kid) => !retired.includes(kid)));
    expect(after.jwks.keys.map(({ kid }) => kid)).toEqual(kidsOf(after));
    expect(after.keys[0]).toEqual(set.keys[0]);
  });

  test.each<[string, string[], object]>([
    ["one that is not there", ["zz"], { code: "ERR_UNKNOWN_KEY", kid: "zz" }],
    ["one of no name", [""], { code: "ERR_UNKNOWN_KEY" }],
    ["one that is not there beside one that is", ["ya:11", "zz"], { code: "ERR_UNKNOWN_KEY" }],
    ["one of two that begin so", ["ya"], { code: "ERR_INVALID_OPTION" }],
    ["the one that signs", [signingKey.kid], { code: "ERR_KEY_SIGNS", kid: signingKey.kid }],
    ["the one that signs, by its beginning", [signingKey.kid.slice(0, 20)], { code: "ERR_KEY_SIGNS" }],
  ])("is not retired: %s", (_which, kids, error) => {
    expect(() => retireKeys(set, kids)).toThrow(expect.objectContaining(error));
  });

  test("a mistyped one is refused with the nearest", () => {
    const { kid } = signingKey;
    const mistyped = kid.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect(() => retireKeys(set, [mistyped])).toThrow(`Did you mean "${kid}"?`);
    expect(() => retireKeys(set, ["nothing like it"])).toThrow(`There are: ${all.join(", ")}.`);
  });
});

test("a set with nothing to retire stays the same", () => {
  const set = createKeySet(signingKey, made);
  expect(retireKeys(set, [])).toBe(set);
});
