import { describe, expect, test } from "vitest";
import type { RotatableKeys } from "../../../src/kinde/signing-keys.ts";
import { createSigningKeys } from "../../../src/kinde/signing-keys.ts";
import { foreignKey, signingKey } from "../../helpers/keys.ts";
import { ask, errorCode, type Answered } from "../ask.ts";
import { authorization, startTestIssuer } from "../test-issuer.ts";

const path = "/_devhook/api/keys";
const signing = { kid: signingKey.kid, state: "signing" };

describe("the keys", () => {
  test("are listed without their numbers", async () => {
    const keys = createSigningKeys(signingKey);
    await using issuer = await startTestIssuer({ keys });
    expect(await list(issuer.port)).toEqual({ keys: [signing] });
    keys.rotateTo(foreignKey);
    expect(await list(issuer.port)).toEqual({
      keys: [
        { kid: foreignKey.kid, state: "signing" },
        { kid: signingKey.kid, state: "rotated" },
      ],
    });
  });

  test("are rotated: another signs at once, the JWKS and health have both", async () => {
    const keys = createSigningKeys(signingKey);
    await using issuer = await startTestIssuer({ keys });
    const { status, json } = await post(issuer.port, { action: "rotate" });
    const { kid } = keys.current();
    expect(kid).not.toBe(signingKey.kid);
    expect(status).toBe(200);
    expect(json).toEqual({
      keys: [
        { kid, state: "signing" },
        { ...signing, state: "rotated" },
      ],
    });
    expect((await ask(issuer.port, "/.well-known/jwks")).json).toEqual({
      keys: [keys.current().publicJwk, signingKey.publicJwk],
    });
    const health = await ask(issuer.port, "/_devhook/api/health");
    expect(health.json).toMatchObject({ keyIds: [kid, signingKey.kid] });
  });

  test.each([
    ["all that were rotated", {}],
    ["one by its id", { kid: foreignKey.kid }],
    ["one by the beginning of its id", { kid: foreignKey.kid.slice(0, 23) }],
  ])("are retired: %s", async (_which, which) => {
    await using issuer = await startTestIssuer({ keys: rotated() });
    expect((await post(issuer.port, { action: "retire", ...which })).json).toEqual({ keys: [signing] });
    expect((await ask(issuer.port, "/.well-known/jwks")).json).toEqual({ keys: [signingKey.publicJwk] });
  });
});

describe("a call that is refused with 400, and changes nothing,", () => {
  const invalid = "ERR_INVALID_OPTION";

  test.each<[string, unknown, string]>([
    ["names no action", {}, invalid],
    ["names another action", { action: "renew" }, invalid],
    ["names an action that is no text", { action: 1 }, invalid],
    ["has something else in it", { action: "rotate", key: "mine" }, invalid],
    ["names a key id beside rotate", { action: "rotate", kid: foreignKey.kid }, invalid],
    ["names a key id that is no text", { action: "retire", kid: [foreignKey.kid] }, invalid],
    ["names a key id that is not there", { action: "retire", kid: "zz" }, "ERR_UNKNOWN_KEY"],
    ["names no key id, but an empty one", { action: "retire", kid: "" }, "ERR_UNKNOWN_KEY"],
    ["names the key that signs", { action: "retire", kid: signingKey.kid }, "ERR_KEY_SIGNS"],
    ["is no object", [], invalid],
    ["is no JSON", "{", "ERR_INVALID_BODY"],
    ["is empty", "", invalid],
  ])("%s", async (_what, body, code) => {
    const keys = rotated();
    await using issuer = await startTestIssuer({ keys });
    const answered = await post(issuer.port, body);
    expect([answered.status, errorCode(answered)]).toEqual([400, code]);
    expect(keys.list().map(({ kid }) => kid)).toEqual([signingKey.kid, foreignKey.kid]);
  });

  test("has no body of JSON", async () => {
    const keys = rotated();
    await using issuer = await startTestIssuer({ keys });
    const answered = await ask(issuer.port, path, {
      method: "POST",
      headers: { authorization, "content-type": "text/plain" },
      body: `{"action":"retire"}`,
    });
    expect([answered.status, errorCode(answered)]).toEqual([400, invalid]);
    expect(keys.list()).toHaveLength(2);
  });
});

function rotated(): RotatableKeys {
  const keys = createSigningKeys(foreignKey);
  keys.rotateTo(signingKey);
  return keys;
}

async function list(port: number): Promise<unknown> {
  return (await ask(port, path, { headers: { authorization } })).json;
}

async function post(port: number, body: unknown): Promise<Answered> {
  return await ask(port, path, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
