/** What a login does through a mock beside a real issuer: Kinde's own SDK for servers, and a client that compares `iss`. */
import {
  createKindeServerClient,
  GrantType,
  type ACClient,
  type SessionManager,
} from "@kinde-oss/kinde-typescript-sdk";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { startTestMock, type TestMock } from "../app/test-mock.ts";
import { createTemporaryProject } from "../project/temporary-project.ts";
import { person, startLoginServer, type LoginServer } from "./login-server.ts";

interface Scene extends AsyncDisposable {
  readonly mock: TestMock;
  readonly kinde: LoginServer;
}

interface Login {
  readonly client: ACClient;
  readonly session: MemorySession;
}

type MemorySession = SessionManager & { readonly items: ReadonlyMap<string, unknown> };

const redirectURL = "http://localhost:3000/api/auth/kinde_callback";
const logoutRedirectURL = "http://localhost:3000";
// It takes secrets of 40 to 60 letters and digits alone.
const clientSecret = "s".repeat(40);

describe("a login of @kinde-oss/kinde-typescript-sdk with PKCE", () => {
  test("goes to the real issuer and comes back, and its tokens are taken", async () => {
    await using scene = await startScene();
    const { client, session } = await logIn(scene);
    expect(await client.isAuthenticated(session)).toBe(true);
    expect(await client.getUser(session)).toMatchObject({ id: person.sub, email: person.email });
    expect(routesOf(scene)).toEqual(["GET /.well-known/jwks", "GET /oauth2/auth", "POST /oauth2/token"]);
  });

  test("does not look at iss: it is the real issuer's, and another than the SDK was told", async () => {
    await using scene = await startScene();
    const { client, session } = await logIn(scene);
    for (const name of ["access_token", "id_token"]) {
      expect(decodeJwt(String(session.items.get(name))).iss).toBe(scene.kinde.issuer);
    }
    expect(scene.kinde.issuer).not.toBe(scene.mock.issuer);
    expect(await client.getClaimValue(session, "iss")).toBe(scene.kinde.issuer);
  });

  test("is refreshed by the real issuer", async () => {
    await using scene = await startScene();
    const { client, session } = await logIn(scene);
    const before = await client.getToken(session);
    await client.refreshTokens(session);
    expect(await client.getToken(session)).not.toBe(before);
    expect(scene.kinde.requests.at(-1)?.form.get("grant_type")).toBe("refresh_token");
    expect(await client.isAuthenticated(session)).toBe(true);
  });

  // Fetch standard, "HTTP-redirect fetch": Authorization is dropped on the way to another origin.
  test("has no user profile to ask for: the token does not come along", async () => {
    await using scene = await startScene();
    const { client, session } = await logIn(scene);
    expect(await client.getUserProfile(session)).toEqual({ errors: [{ code: "TOKEN_INVALID" }] });
    expect(scene.kinde.requests.at(-1)).toMatchObject({
      route: "GET /oauth2/v2/user_profile",
      authorization: undefined,
    });
  });

  test("ends at the real issuer", async () => {
    await using scene = await startScene();
    const { client, session } = await logIn(scene);
    const { status, headers } = await fetch(await client.logout(session), { redirect: "manual" });
    const location = `${scene.kinde.issuer}/logout?redirect=${logoutRedirectURL}`;
    expect([status, headers.get("location")]).toEqual([307, location]);
  });

  test("is no login without a real issuer: the mock has no page for it, and no such grant", async () => {
    using project = createTemporaryProject();
    await using mock = await startTestMock(project, []);
    const { client, session } = createLogin(mock);
    const url = await client.login(session);
    expect((await fetch(url)).status).toBe(404);
    const callback = callbackUrl("code", url.searchParams.get("state"));
    await expect(client.handleRedirectToApp(session, callback)).rejects.toThrow("client_credentials");
  });
});

test("a client that compares iss with the mock's URL refuses the same token, and takes it by its real issuer", async () => {
  await using scene = await startScene();
  const { session } = await logIn(scene);
  const token = String(session.items.get("id_token"));
  const keys = createRemoteJWKSet(new URL(`${scene.mock.issuer}/.well-known/jwks`));
  await expect(jwtVerify(token, keys, { issuer: scene.mock.issuer })).rejects.toMatchObject({
    code: "ERR_JWT_CLAIM_VALIDATION_FAILED",
    claim: "iss",
  });
  const { payload } = await jwtVerify(token, keys, { issuer: scene.kinde.issuer });
  expect(payload.sub).toBe(person.sub);
});

test("client credentials of @kinde-oss/kinde-typescript-sdk stay with the mock, and its token is taken", async () => {
  await using scene = await startScene();
  const client = createKindeServerClient(GrantType.CLIENT_CREDENTIALS, {
    authDomain: scene.mock.issuer,
    clientId: "my-app",
    clientSecret,
    logoutRedirectURL,
    audience: `${scene.mock.issuer}/api`,
  });
  const session = createSession();
  const token = await client.getToken(session);
  expect(decodeJwt(token)).toMatchObject({
    iss: scene.mock.issuer,
    azp: "my-app",
    aud: [`${scene.mock.issuer}/api`],
  });
  expect(await client.isAuthenticated(session)).toBe(true);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${scene.mock.issuer}/api/v1/webhooks`, { headers })).status).toBe(200);
  expect(routesOf(scene)).toEqual(["GET /.well-known/jwks"]);
});

async function startScene(): Promise<Scene> {
  const project = createTemporaryProject();
  const kinde = await startLoginServer();
  const mock = await startTestMock(project, [], { realIssuer: kinde.issuer });
  return {
    mock,
    kinde,
    [Symbol.asyncDispose]: async () => {
      await mock.close(0);
      await kinde[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

function createLogin({ issuer }: TestMock): Login {
  const client = createKindeServerClient(GrantType.PKCE, {
    authDomain: issuer,
    clientId: "my-site",
    redirectURL,
    logoutRedirectURL,
  });
  return { client, session: createSession() };
}

/** As a browser goes: to the mock, from there to the real issuer, and back to the app. */
async function logIn({ mock, kinde }: Scene): Promise<Login> {
  const { client, session } = createLogin(mock);
  const url = await client.login(session);
  expect(url.origin).toBe(mock.issuer);
  const toKinde = await follow(url);
  expect(toKinde.href).toBe(url.href.replace(mock.issuer, kinde.issuer));
  const callback = await follow(toKinde);
  expect(callback.href).toBe(
    callbackUrl(callback.searchParams.get("code"), url.searchParams.get("state")).href,
  );
  await client.handleRedirectToApp(session, callback);
  return { client, session };
}

async function follow(url: URL): Promise<URL> {
  const { headers } = await fetch(url, { redirect: "manual" });
  return new URL(headers.get("location") ?? "");
}

function callbackUrl(code: string | null, state: string | null): URL {
  return new URL(
    `${redirectURL}?${new URLSearchParams({ code: code ?? "", state: state ?? "" }).toString()}`,
  );
}

function routesOf({ kinde }: Scene): string[] {
  return kinde.requests.map(({ route }) => route);
}

/** What an app keeps of its visitor. */
function createSession(): MemorySession {
  const items = new Map<string, unknown>();
  return {
    items,
    getSessionItem: (key) => Promise.resolve(items.get(key) ?? null),
    setSessionItem: (key, value) => Promise.resolve(void items.set(key, value)),
    removeSessionItem: (key) => Promise.resolve(void items.delete(key)),
    destroySession: () => Promise.resolve(items.clear()),
  };
}
