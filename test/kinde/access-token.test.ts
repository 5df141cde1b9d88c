import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  accessTokenLifetimeS,
  createAccessToken,
  judgeAccessToken,
  managementScopes,
} from "../../src/kinde/access-token.ts";
import { createLocalJwks } from "../../src/kinde/jwks.ts";
import { signingKey } from "../helpers/keys.ts";
import { craftToken, decodePart } from "./craft-token.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const nowS = Math.floor(now / 1000);
const keys = createLocalJwks("http://localhost:4455", { keys: [signingKey.publicJwk] });
const isIssuer = (issuer: string): boolean => issuer === "http://localhost:4455";
const rules = { scope: "read:webhooks", keys, isIssuer, now };
const order = { issuer: "http://localhost:4455", clientId: "my-app", audience: [], scopes: managementScopes };

describe("a token that is created", () => {
  test("opens every call that it has the scope of, and is good for an hour", async () => {
    const token = await createAccessToken(order, signingKey, { now, randomBytes });
    const end = (nowS + accessTokenLifetimeS) * 1000;
    for (const scope of managementScopes) {
      expect(await judgeAccessToken(token, { ...rules, scope, now: end - 1 })).toBeUndefined();
      expect(await judgeAccessToken(token, { ...rules, scope, now: end })).toMatchObject({
        code: "TOKEN_INVALID",
      });
    }
  });

  test("follows from its order, the time and the randomness", async () => {
    const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(0xff);
    const [first, second] = await Promise.all(
      [1, 2].map(() => createAccessToken(order, signingKey, { now, randomBytes: bytes })),
    );
    expect(first).toBe(second);
    expect(JSON.parse(decodePart(first!, 1))).toMatchObject({ jti: "ffffffff-ffff-4fff-bfff-ffffffffffff" });
  });

  test("without a scope opens nothing, and says that it has none", async () => {
    const token = await createAccessToken({ ...order, scopes: [] }, signingKey, { now, randomBytes });
    expect(await judgeAccessToken(token, rules)).toEqual({
      code: "SCOPE_MISSING",
      message: expect.stringMatching(/read:webhooks.*none/),
    });
  });
});

test.each([
  ["has another scope that begins alike", ["read:webhooks2"]],
  ["has the scope among others in one text", ["read:events read:webhooks"]],
])("a token that %s lacks it: SCOPE_MISSING", async (_, scp) => {
  const token = craftToken({ claims: { exp: nowS + 1, iss: order.issuer, scp } });
  expect(await judgeAccessToken(token, rules)).toMatchObject({ code: "SCOPE_MISSING" });
});

describe("a token of our own key is still none for a call: TOKEN_INVALID", () => {
  const good = { exp: nowS + 1, iss: order.issuer, scp: ["read:webhooks"] };

  test("but with these claims it is one", async () => {
    expect(await judgeAccessToken(craftToken({ claims: good }), rules)).toBeUndefined();
  });

  test.each([
    ["claims that are no object", []],
    ["claims that are null", null],
    ["no claims at all", {}],
    ["no expiry", { ...good, exp: undefined }],
    ["an expiry that is text", { ...good, exp: String(good.exp) }],
    ["an expiry that is null", { ...good, exp: null }],
    ["an expiry now", { ...good, exp: now / 1000 }],
    ["an expiry before all dates", { ...good, exp: -1e300 }],
    ["an expiry beyond all dates", { ...good, exp: 1e300 }],
    ["scopes in one text", { ...good, scp: "read:webhooks" }],
    ["scopes in `scope` alone", { ...good, scp: undefined, scope: "read:webhooks" }],
    ["no issuer", { ...good, iss: undefined }],
    ["another issuer", { ...good, iss: "http://localhost:4456" }],
    ["several issuers", { ...good, iss: [order.issuer] }],
    ["scopes with null among them", { ...good, scp: ["read:webhooks", null] }],
    ["scopes that are an object", { ...good, scp: { 0: "read:webhooks", length: 1 } }],
  ])("with %s", async (_, claims) => {
    const refusal = await judgeAccessToken(craftToken({ claims }), rules);
    expect(refusal).toMatchObject({ code: "TOKEN_INVALID" });
  });
});

test.each([
  ["none", undefined],
  ["an empty one", ""],
  [
    "one without a signature",
    craftToken({ claims: { exp: nowS + 1, scp: ["read:webhooks"] } }).replace(/[^.]*$/, ""),
  ],
])("%s is refused: TOKEN_INVALID", async (_, token) => {
  expect(await judgeAccessToken(token, rules)).toMatchObject({ code: "TOKEN_INVALID" });
});
