/** Who may make which call of the Management API. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/delivery/clock.ts";
import { accessTokenLifetimeS, managementScopes } from "../../../src/kinde/access-token.ts";
import { createEvent } from "../../../src/index.ts";
import type { JsonObject } from "../../../src/kinde/json.ts";
import { signClaims, signEvent } from "../../../src/kinde/sign.ts";
import { foreignKey, signingKey } from "../../helpers/keys.ts";
import { craftToken, decodePart, rs256Header } from "../../kinde/craft-token.ts";
import { errorCode } from "../ask.ts";
import { fetchToken, listWebhooks, order, register, startManagementMock } from "./management-mock.ts";

const webhookToken = await signEvent(createEvent("user.created"), signingKey);
const findToken = (): Promise<string> => Promise.resolve(webhookToken);

const calls: [method: string, path: string, scope: string, body?: object][] = [
  ["GET", "/webhooks", "read:webhooks"],
  ["POST", "/webhooks", "create:webhooks", order],
  ["PATCH", "/webhooks/:id", "update:webhooks", { name: "changed" }],
  ["PATCH", "/webhook/:id", "update:webhooks", { name: "changed" }],
  ["DELETE", "/webhooks/:id", "delete:webhooks"],
  ["DELETE", "/webhook/:id", "delete:webhooks"],
  ["GET", "/events/event_0", "read:events"],
  ["GET", "/event_types", "read:event_types"],
];

describe.each(calls)("%s %s", (method, path, scope, body) => {
  test(`is open to a token with ${scope} alone`, async () => {
    await using managed = await startManagementMock({ findToken });
    const target = path.replace(":id", await register(managed));
    const token = await fetchToken(managed.mock.port, scope);
    expect((await managed.call(method, target, { body, token })).status).toBe(200);
  });

  test("is closed to a token with any other scope, and with all others: SCOPE_MISSING", async () => {
    await using managed = await startManagementMock({ findToken });
    const target = path.replace(":id", await register(managed));
    const before = await listWebhooks(managed);
    const others = managementScopes.filter((other) => other !== scope);
    expect(others).toHaveLength(5);
    const alike = [`${scope}s`, scope.toUpperCase(), "*"];
    for (const scopes of [...[...others, ...alike].map((other) => [other]), others]) {
      const token = await fetchToken(managed.mock.port, ...scopes);
      const answered = await managed.call(method, target, { body, token });
      expect({ scopes, status: answered.status, code: errorCode(answered) }).toEqual({
        scopes,
        status: 403,
        code: "SCOPE_MISSING",
      });
      expect(answered.body).toContain(scope);
    }
    expect(await listWebhooks(managed)).toEqual(before);
  });

  test("is closed without a token that was issued here and is still good: TOKEN_INVALID", async () => {
    await using managed = await startManagementMock({ findToken });
    const target = path.replace(":id", await register(managed));
    const before = await listWebhooks(managed);
    for (const [what, token] of Object.entries(await badTokens(managed.mock.port))) {
      const answered = await managed.call(method, target, { body, token });
      expect({ what, status: answered.status, code: errorCode(answered) }).toEqual({
        what,
        status: 403,
        code: "TOKEN_INVALID",
      });
      // What is wrong is told, and nothing of the token repeated.
      expect(answered.body).not.toContain(token?.split(".")[1] ?? "eyJ");
    }
    expect(await listWebhooks(managed)).toEqual(before);
  });
});

test("a token is good until its hour is over", async () => {
  const issuedAt = Date.UTC(2026, 0, 2);
  let now = issuedAt;
  await using managed = await startManagementMock({ clock: { ...systemClock, now: () => now } });
  const token = await fetchToken(managed.mock.port);
  now = issuedAt + accessTokenLifetimeS * 1000 - 1;
  expect((await managed.call("GET", "/webhooks", { token })).status).toBe(200);
  now += 1;
  const expired = await managed.call("GET", "/webhooks", { token });
  expect([expired.status, errorCode(expired)]).toEqual([403, "TOKEN_INVALID"]);
  expect(expired.body).toContain("2026-01-02T01:00:00.000Z");
});

test.each([
  ["as Bearer in small letters", "bearer TOKEN", 200],
  ["behind several spaces", "Bearer   TOKEN", 200],
  ["as Basic", "Basic TOKEN", 403],
  ["alone", "TOKEN", 403],
  ["with more behind it", "Bearer TOKEN x", 403],
])("a token that is sent %s is answered accordingly", async (_, authorization, status) => {
  await using managed = await startManagementMock();
  const headers = { authorization: authorization.replace("TOKEN", await fetchToken(managed.mock.port)) };
  expect((await managed.call("GET", "/webhooks", { token: null, headers })).status).toBe(status);
});

test("a body is not looked at before the token", async () => {
  await using managed = await startManagementMock();
  const answered = await managed.call("POST", "/webhooks", { body: "{", token: null });
  expect([answered.status, errorCode(answered)]).toEqual([403, "TOKEN_INVALID"]);
});

/** What must open nothing, whatever scopes it claims. */
async function badTokens(port: number): Promise<Record<string, string | null>> {
  const good = await fetchToken(port);
  const claims = JSON.parse(decodePart(good, 1)) as JsonObject;
  const [header, , signature] = good.split(".");
  const forged = Buffer.from(JSON.stringify({ ...claims, azp: "another" })).toString("base64url");
  return {
    none: null,
    "no JWT": "token",
    "of a foreign key": await signClaims(claims, foreignKey),
    "of a foreign key under our id": craftToken({ claims, key: foreignKey.privateKey }),
    "with other claims": `${header}.${forged}.${signature}`,
    unsigned: craftToken({ claims, header: { alg: "none", typ: "JWT" }, key: () => Buffer.alloc(0) }),
    "of another algorithm": craftToken({ claims, header: { ...rs256Header, alg: "RS512" } }),
    expired: await signClaims({ ...claims, exp: 1_000_000_000 }, signingKey),
    "that is a webhook": webhookToken,
  };
}
