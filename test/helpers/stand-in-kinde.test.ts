import { createPublicKey, verify, type JsonWebKey } from "node:crypto";
import { decodeWebhook } from "@kinde/webhooks";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, inject, test } from "vitest";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { startReceiver } from "./receiver.ts";
import { requestPublic } from "./request-public.mjs";
import { startStandInKinde, type JwksMode, type StandInKinde } from "./stand-in-kinde.mjs";

const privateJwk = inject("privateJwk") as JsonWebKey;
const start = (): Promise<StandInKinde> => startStandInKinde({ privateJwk });

async function fetchKeys({ issuer }: StandInKinde): Promise<(JsonWebKey & { kid: string })[]> {
  const { body } = await requestPublic(`${issuer}/.well-known/jwks`);
  return (JSON.parse(body) as { keys: (JsonWebKey & { kid: string })[] }).keys;
}

const partOf = (token: string, index: 0 | 1): string =>
  Buffer.from(token.split(".")[index] ?? "", "base64url").toString();
const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(partOf(token, 1)) as Record<string, unknown>;

describe("the JWKS", () => {
  test.each(["/.well-known/jwks", "/.well-known/jwks.json", "//.well-known/jwks"])(
    "is served at %s, and the request is noted",
    async (path) => {
      await using kinde = await start();
      const { status, body } = await requestPublic(kinde.issuer + path);
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({
        keys: [expect.objectContaining({ alg: "RS256", kid: kinde.kid, kty: "RSA", use: "sig" })],
      });
      expect(kinde.requests).toEqual([path]);
    },
  );

  test.each<[mode: JwksMode, status: number, body: RegExp]>([
    ["empty", 200, /^\{"keys":\[\]\}$/],
    ["html", 200, /^<!doctype html>/],
    ["error", 500, /"errors"/],
  ])("is answered as the mode %s says, and as ever afterwards", async (mode, status, body) => {
    await using kinde = await start();
    kinde.answerJwksWith(mode);
    const answer = await requestPublic(`${kinde.issuer}/.well-known/jwks`);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(body);
    kinde.answerJwksWith("jwks");
    expect(await fetchKeys(kinde)).toHaveLength(1);
  });

  test("is never answered in the mode never", async () => {
    await using kinde = await start();
    kinde.answerJwksWith("never");
    const asked = requestPublic(`${kinde.issuer}/.well-known/jwks`, { timeoutMs: 200 });
    await expect(asked).rejects.toMatchObject({ code: "ABORT_ERR" });
  });

  test("holds both keys after a rotation, and one after the other is retired", async () => {
    await using kinde = await start();
    const first = kinde.kid;
    const second = await kinde.rotate();
    expect(kinde.kid).toBe(second);
    expect((await fetchKeys(kinde)).map(({ kid }) => kid)).toEqual([first, second]);
    expect(partOf(kinde.signWebhook("user.created"), 0)).toContain(second);
    kinde.retire(first);
    expect((await fetchKeys(kinde)).map(({ kid }) => kid)).toEqual([second]);
    expect(partOf(kinde.signClaims({}, { kid: first }), 0)).toContain(first);
  });

  test("is named by the discovery document", async () => {
    await using kinde = await start();
    const { body } = await requestPublic(`${kinde.issuer}/.well-known/openid-configuration`);
    expect(JSON.parse(body)).toMatchObject({
      issuer: kinde.issuer,
      jwks_uri: `${kinde.issuer}/.well-known/jwks`,
    });
  });
});

describe("a webhook token", () => {
  test.each(eventTypes)("of %s is accepted by @kinde/webhooks", async (type) => {
    await using kinde = await start();
    const token = kinde.signWebhook(type);
    expect(await decodeWebhook(token, kinde.issuer)).toEqual(claimsOf(token));
    expect(kinde.requests).toEqual(["/.well-known/jwks.json"]);
  });

  test("has Kinde's header and claims, sorted at every level, and no other", async () => {
    await using kinde = await start();
    expect(kinde.kid).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const token = kinde.signWebhook("user.created");
    expect(partOf(token, 0)).toBe(`{"alg":"RS256","kid":"${kinde.kid}","typ":"JWT"}`);
    expect(Object.keys(claimsOf(token))).toEqual([
      "data",
      "event_id",
      "event_timestamp",
      "source",
      "timestamp",
      "type",
    ]);
    expect(partOf(token, 1)).toMatch(/^\{"data":\{"user":\{"email":.*"event_id":"event_[0-9a-f]{32}"/);
    expect(claimsOf(kinde.signWebhook("user.authenticated"))).toHaveProperty("ip_address");
  });

  test("takes other claims, and leaves out what is undefined", async () => {
    await using kinde = await start();
    const token = kinde.signWebhook("user.created", {
      source: "admin",
      event_timestamp: undefined,
      data: {},
    });
    expect(claimsOf(token)).toMatchObject({ source: "admin", data: {} });
    expect(claimsOf(token)).not.toHaveProperty("event_timestamp");
  });

  test("can have any header over a signature that verifies", async () => {
    await using kinde = await start();
    const token = kinde.signClaims({ a: 1 }, { header: { alg: "none", jku: "https://evil.example" } });
    expect(partOf(token, 0)).toBe(
      `{"alg":"none","kid":"${kinde.kid}","typ":"JWT","jku":"https://evil.example"}`,
    );
    const [header, claims, signature = ""] = token.split(".");
    const [key] = await fetchKeys(kinde);
    const publicKey = createPublicKey({ key: key!, format: "jwk" });
    const input = Buffer.from(`${header}.${claims}`);
    expect(verify("sha256", input, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  });
});

test.each([
  ["accessToken", ["aud", "azp", "exp", "iat", "iss", "jti", "org_code", "permissions", "scp", "sub"]],
  ["m2mToken", ["aud", "azp", "exp", "gty", "iat", "iss", "jti", "scope", "scp", "v"]],
  ["idToken", ["at_hash", "aud", "auth_time", "azp", "email", "exp"]],
] as const)("makes an %s that verifies, with the claims Kinde's has", async (name, claims) => {
  await using kinde = await start();
  const jwks = createRemoteJWKSet(new URL(`${kinde.issuer}/.well-known/jwks`));
  const { payload } = await jwtVerify(kinde[name](), jwks, { issuer: kinde.issuer });
  expect(Object.keys(payload).slice(0, claims.length)).toEqual(claims);
  expect(claimsOf(kinde[name]({ type: "user.created" }))).toMatchObject({ type: "user.created" });
});

test("delivers as Kinde does, to *.localhost", async () => {
  await using kinde = await start();
  await using app = await startReceiver({ answers: [(response) => void response.writeHead(202).end("ok")] });
  const url = `http://mysub.localhost:${app.port}/api/webhook`;
  expect(await kinde.deliver(url, "a.b.c", { webhookId: "one" })).toMatchObject({ status: 202, body: "ok" });
  const request = await app.next();
  expect(request).toMatchObject({ method: "POST", url: "/api/webhook", body: Buffer.from("a.b.c") });
  expect(request.headers).toMatchObject({ "content-type": "application/jwt", "webhook-id": "one" });
  await kinde.deliver(url, "a.b.c", { headers: { "content-type": "text/plain" } });
  const other = await app.next();
  expect(other.headers).toMatchObject({ "content-type": "text/plain" });
  expect(other.headers["webhook-id"]).toMatch(/^[0-9a-f]{32}$/);
});

test("refuses to send anything to a name that is not on this machine", async () => {
  await expect(requestPublic("http://acme.kinde.com/")).rejects.toThrow("not on this machine");
});

test("makes a key of its own without one, and listens where it is told", async () => {
  await using first = await start();
  const { port } = first;
  await first.stop();
  await using kinde = await startStandInKinde({ port });
  expect(kinde.issuer).toBe(`http://localhost:${port}`);
  const [key] = await fetchKeys(kinde);
  expect(key?.["n"]).not.toBe(privateJwk.n);
});
