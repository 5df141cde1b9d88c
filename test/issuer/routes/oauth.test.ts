/** `POST /oauth2/token` of a running mock, over its socket. */
import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import type { StartMockInMemoryOptions } from "../../../src/app/start-mock-in-memory.ts";
import type { RunningMock } from "../../../src/app/open-mock.ts";
import { createLocalJwks } from "../../../src/kinde/jwks.ts";
import { verifyToken } from "../../../src/kinde/verify.ts";
import { systemClock } from "../../../src/delivery/clock.ts";
import { signingKey } from "../../helpers/keys.ts";
import { ask, type Answered } from "../ask.ts";
import { startManagementMock } from "./management-mock.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const credentials = { client_id: "my-app", client_secret: "my secret+é" };
const asked = { grant_type: "client_credentials", ...credentials };

describe("a token", () => {
  test("carries the claims of Kinde's, for the audience and scopes that were asked for", async () => {
    await using mock = await start({ clock: { ...systemClock, now: () => now } });
    const audience = ["https://acme.kinde.com/api", "https://api.acme.example"];
    const form = new URLSearchParams({ ...asked, scope: "read:webhooks  read:users read:webhooks" });
    for (const each of audience) form.append("audience", each);
    const answered = await post(mock, form);
    expect(answered).toMatchObject({
      status: 200,
      headers: { "cache-control": "no-store" },
      json: { expires_in: 3600, scope: "read:webhooks read:users", token_type: "Bearer" },
    });
    const { payload, protectedHeader } = await verify(mock, answered);
    expect(protectedHeader).toEqual({ alg: "RS256", kid: signingKey.kid, typ: "JWT" });
    expect(payload).toEqual({
      aud: audience,
      azp: "my-app",
      exp: Math.floor(now / 1000) + 3600,
      gty: ["client_credentials"],
      iat: Math.floor(now / 1000),
      iss: `http://127.0.0.1:${mock.port}`,
      jti: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      scope: "read:webhooks read:users",
      scp: ["read:webhooks", "read:users"],
      v: "2",
    });
  });

  test("has all scopes of webhooks and events when none are asked for, and an id of its own", async () => {
    await using mock = await start();
    const tokens = await Promise.all([1, 2].map(async () => await verify(mock, await post(mock, asked))));
    expect(tokens.map(({ payload }) => payload["scp"])).toEqual([
      expect.arrayContaining(["read:webhooks", "create:webhooks", "read:events", "read:event_types"]),
      expect.arrayContaining(["update:webhooks", "delete:webhooks"]),
    ]);
    expect(tokens[0]?.payload.jti).not.toBe(tokens[1]?.payload.jti);
    expect(tokens[0]?.payload.aud).toEqual([]);
  });

  test("is no webhook, though the same key signs it: ERR_ACCESS_TOKEN", async () => {
    await using mock = await start();
    const jwks = createLocalJwks(mock.issuer, { keys: [signingKey.publicJwk] });
    expect(await verifyToken(tokenOf(await post(mock, asked)), jwks)).toMatchObject({
      status: "unverified",
      reason: "ERR_ACCESS_TOKEN",
    });
  });
});

describe("a client", () => {
  const basic = (id: string, secret: string): Record<string, string> => {
    const encode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
    return {
      authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString("base64")}`,
    };
  };
  const grant = { grant_type: "client_credentials" };

  test("is known by the form or by its header", async () => {
    await using mock = await start();
    const { client_id: id, client_secret: secret } = credentials;
    for (const answered of [await post(mock, asked), await post(mock, grant, basic(id, secret))]) {
      expect((await verify(mock, answered)).payload["azp"]).toBe("my-app");
    }
  });

  test.each([
    ["without credentials", grant, {}, 401, "invalid_client"],
    ["without a secret", { ...grant, client_id: "my-app" }, {}, 401, "invalid_client"],
    ["with an empty secret", { ...asked, client_secret: "" }, {}, 401, "invalid_client"],
    ["with an empty header", grant, basic("", ""), 401, "invalid_client"],
    ["with a header of another scheme", grant, { authorization: "Bearer x" }, 401, "invalid_client"],
    ["that says it twice", asked, basic("my-app", "x"), 400, "invalid_request"],
    ["of two names", { ...grant, client_id: "other" }, basic("my-app", "x"), 400, "invalid_request"],
    ["with a header that can't be read", grant, { authorization: "Basic !!!" }, 401, "invalid_client"],
  ])("%s gets no token", async (_, form, headers, status, error) => {
    await using mock = await start();
    const answered = await post(mock, form, headers);
    expect(answered).toMatchObject({ status, json: { error } });
    expect(answered.headers["www-authenticate"]).toBe(status === 401 ? 'Basic realm="kinde"' : undefined);
  });

  test("that is pinned may send its header as it is, as curl does, or encoded", async () => {
    const client = { id: "my-app", secret: "s+e&c%2Fret" };
    await using mock = await start({ client });
    const raw = Buffer.from(`${client.id}:${client.secret}`).toString("base64");
    for (const headers of [{ authorization: `Basic ${raw}` }, basic(client.id, client.secret)]) {
      expect((await post(mock, grant, headers)).status).toBe(200);
    }
    const more = Buffer.from(`${client.id}:${client.secret}&anything`).toString("base64");
    expect((await post(mock, grant, { authorization: `Basic ${more}` })).status).toBe(401);
  });

  test.each([
    ["its own", {}, 200],
    ["another secret", { client_secret: "another" }, 401],
    ["another id", { client_id: "another" }, 401],
    ["id and secret cut elsewhere", { client_id: "my-appm", client_secret: "y secret+é" }, 401],
  ])("that is pinned gets one for %s", async (_, change, status) => {
    await using mock = await start({
      client: { id: credentials.client_id, secret: credentials.client_secret },
    });
    const answered = await post(mock, { ...asked, ...change });
    expect(answered.status).toBe(status);
    expect(answered.body).not.toContain(credentials.client_secret);
  });
});

describe("a request for a token is refused", () => {
  test.each([
    ["without a grant", credentials, 400, "invalid_request"],
    ["of a grant for people", { ...asked, grant_type: "authorization_code" }, 400, "unsupported_grant_type"],
    ["with a scope that none may be", { ...asked, scope: 'read:"all"' }, 400, "invalid_scope"],
  ])("%s", async (_, form, status, error) => {
    await using mock = await start();
    expect(await post(mock, form)).toMatchObject({ status, json: { error } });
  });

  test.each([
    ["as JSON", "application/json", JSON.stringify(asked), 400],
    ["without a body", "application/x-www-form-urlencoded", undefined, 400],
    ["with a body over 64 KiB", "application/x-www-form-urlencoded", "x".repeat(65_537), 413],
  ])("%s: invalid_request", async (_, type, body, status) => {
    await using mock = await start();
    const answered = await ask(mock.port, "/oauth2/token", {
      method: "POST",
      headers: { "content-type": type },
      ...(body !== undefined && { body }),
    });
    expect(answered).toMatchObject({ status, json: { error: "invalid_request" } });
  });

  test.each(["grant_type=client_credentials", "client_id=z", "scope=x"])(
    "with %s twice: invalid_request",
    async (more) => {
      await using mock = await start();
      const form = new URLSearchParams(`${new URLSearchParams({ ...asked, scope: "y" }).toString()}&${more}`);
      expect(await post(mock, form)).toMatchObject({ status: 400, json: { error: "invalid_request" } });
    },
  );

  test("by GET: there is no such route", async () => {
    await using mock = await start();
    expect(await ask(mock.port, "/oauth2/token")).toMatchObject({
      status: 404,
      json: { errors: { code: "ROUTE_NOT_FOUND" } },
    });
  });
});

async function start(
  options: Partial<StartMockInMemoryOptions> = {},
): Promise<RunningMock & AsyncDisposable> {
  const { mock } = await startManagementMock(options);
  return { ...mock, [Symbol.asyncDispose]: () => mock.close(0) };
}

async function post(
  mock: RunningMock,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return await ask(mock.port, "/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

function tokenOf({ json }: Answered): string {
  return (json as { readonly access_token: string }).access_token;
}

async function verify(mock: RunningMock, answered: Answered): Promise<Awaited<ReturnType<typeof jwtVerify>>> {
  const jwks = createRemoteJWKSet(new URL("/.well-known/jwks", mock.issuer));
  return await jwtVerify(tokenOf(answered), jwks, { currentDate: new Date(now) });
}
