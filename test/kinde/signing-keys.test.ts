import { describe, expect, test } from "vitest";
import { createSigningKeys } from "../../src/kinde/signing-keys.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";

describe("keys in memory", () => {
  test("begin with the one that is given, and give the same set until they change", () => {
    const keys = createSigningKeys(signingKey);
    const first = keys.jwks();
    expect(keys.current()).toBe(signingKey);
    expect(first).toEqual({ keys: [signingKey.publicJwk] });
    expect(keys.jwks()).toBe(first);
    keys.rotateTo(foreignKey);
    expect(keys.current()).toBe(foreignKey);
    expect(keys.jwks()).toEqual({ keys: [foreignKey.publicJwk, signingKey.publicJwk] });
    keys.retire([]);
    expect(keys.jwks()).toEqual({ keys: [foreignKey.publicJwk] });
  });

  test("that are rotated twice at once have all three, and the last that was made signs", async () => {
    const keys = createSigningKeys(signingKey);
    const made = await Promise.all([keys.rotate(), keys.rotate()]);
    const kids = keys.list().map(({ kid }) => kid);
    expect(new Set(kids)).toEqual(new Set([signingKey, ...made].map(({ kid }) => kid)));
    expect(kids.at(-1)).toBe(signingKey.kid);
    expect(keys.current().kid).toBe(kids[0]);
  });

  test("that are restored have the first alone", () => {
    const keys = createSigningKeys(signingKey);
    keys.rotateTo(foreignKey);
    keys.restore();
    expect(keys.current()).toBe(signingKey);
    expect(keys.list()).toMatchObject([{ kid: signingKey.kid, state: "signing" }]);
    // And the other may come again.
    keys.rotateTo(foreignKey);
    expect(keys.current()).toBe(foreignKey);
  });
});
