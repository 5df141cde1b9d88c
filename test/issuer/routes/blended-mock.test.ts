/** What a mock keeps and what it sends on when there is a real issuer beside it: DESIGN, "Other issuer paths". */
import { describe, expect, test } from "vitest";
import { startTestMock, type TestMock } from "../../app/test-mock.ts";
import { startReceiver, type Receiver } from "../../helpers/receiver.ts";
import { createTemporaryProject } from "../../project/temporary-project.ts";
import { ask } from "../ask.ts";
import { fetchToken } from "./management-mock.ts";

interface Scene extends AsyncDisposable {
  readonly mock: TestMock;
  /** The real issuer: it answers everything with 200, and tells what it was asked. */
  readonly kinde: Receiver;
  readonly origin: string;
}

const form = { "content-type": "application/x-www-form-urlencoded" };

async function startScene(): Promise<Scene> {
  const project = createTemporaryProject();
  const kinde = await startReceiver();
  const origin = `http://127.0.0.1:${kinde.port}`;
  const mock = await startTestMock(project, [], { realIssuer: origin });
  return {
    mock,
    kinde,
    origin,
    [Symbol.asyncDispose]: async () => {
      await mock.close(0);
      await kinde[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

describe("a blended mock sends on", () => {
  test.each(["/", "/oauth2/auth?client_id=1", "/oauth2/v2/user_profile", "/logout", "/api/v1/users"])(
    "%s, which it has not",
    async (path) => {
      await using scene = await startScene();
      const { status, headers } = await ask(scene.mock.port, path);
      expect([status, headers.location]).toEqual([307, scene.origin + path]);
    },
  );

  test.each([
    "grant_type=authorization_code&code=1&code_verifier=2",
    "grant_type=refresh_token&refresh_token=1",
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=1",
    "grant_type=authorization_code&code=1&scope=a&scope=b",
    "code=1",
  ])("a request for a token with %s", async (body) => {
    await using scene = await startScene();
    const asked = { method: "POST", headers: form, body };
    const { status, headers } = await ask(scene.mock.port, "/oauth2/token", asked);
    expect([status, headers.location]).toEqual([307, `${scene.origin}/oauth2/token`]);
  });

  test("the form itself, when the client follows", async () => {
    await using scene = await startScene();
    const body = "grant_type=authorization_code&code=1";
    await fetch(`${scene.mock.issuer}/oauth2/token`, { method: "POST", headers: form, body });
    const arrived = scene.kinde.requests.at(-1);
    expect(arrived).toMatchObject({ method: "POST", url: "/oauth2/token" });
    expect(arrived?.body.toString()).toBe(body);
  });
});

describe("a blended mock keeps", () => {
  test("client_credentials: its own token is given, and its own calls take it", async () => {
    await using scene = await startScene();
    const headers = { authorization: `Bearer ${await fetchToken(scene.mock.port)}` };
    const { status, json } = await ask(scene.mock.port, "/api/v1/webhooks", { headers });
    expect({ status, json }).toMatchObject({ status: 200, json: { webhooks: [] } });
  });

  test.each([
    ["grant_type=client_credentials", 401],
    ["grant_type=client_credentials&client_id=a&client_id=b&client_secret=c", 400],
    ["grant_type=client_credentials&grant_type=authorization_code", 400],
    ["grant_type=authorization_code&grant_type=client_credentials", 400],
  ])("the mistakes in %s: %i", async (body, status) => {
    await using scene = await startScene();
    const answered = await ask(scene.mock.port, "/oauth2/token", { method: "POST", headers: form, body });
    expect([answered.status, answered.headers.location]).toEqual([status, undefined]);
  });

  test("a request for a token whose form can't be read: it may hold a secret", async () => {
    await using scene = await startScene();
    const headers = { "content-type": "application/json" };
    const body = `{"grant_type":"client_credentials","client_secret":"s"}`;
    const answered = await ask(scene.mock.port, "/oauth2/token", { method: "POST", headers, body });
    expect([answered.status, answered.headers.location]).toEqual([400, undefined]);
  });

  test.each([
    ["PUT", "/api/v1/webhooks"],
    ["DELETE", "/api/v1/webhooks"],
    ["POST", "/api/v1/webhooks/webhook_0"],
    ["GET", "/api/v1/webhook/webhook_0"],
    ["DELETE", "/api/v1/events/event_0"],
    ["POST", "/api/v1/event_types"],
    ["POST", "/api/v1/webhooks/webhook_0/more"],
    ["DELETE", "/api/v1//webhooks"],
    ["GET", "/api//v1/events/event_0"],
    ["GET", "/API/v1/Webhooks"],
  ])("%s %s, a slip in a call of its own: 404", async (method, path) => {
    await using scene = await startScene();
    const { status, headers, json } = await ask(scene.mock.port, path, { method });
    expect({ status, location: headers.location, json }).toMatchObject({
      status: 404,
      location: undefined,
      json: { errors: { code: "ROUTE_NOT_FOUND" } },
    });
  });

  test("its keys, discovery and control API", async () => {
    await using scene = await startScene();
    for (const [path, status] of [
      ["/.well-known/jwks", 200],
      ["//.well-known/jwks.json", 200],
      ["/.well-known/openid-configuration", 200],
      ["/_devhook/api/health", 200],
      ["/_devhook/api/deliveries", 401],
      ["/_devhook/nothing", 404],
    ] as const) {
      const answered = await ask(scene.mock.port, path);
      expect([path, answered.status, answered.headers.location]).toEqual([path, status, undefined]);
    }
  });
});

test.each([
  "//evil.example",
  "///evil.example/x",
  "/\\evil.example",
  "\\\\evil.example",
  "/\\/\\evil.example",
  "/%2F%2Fevil.example",
  "/%5C%5Cevil.example",
  "/@evil.example",
  "/.evil.example",
  "/https://evil.example",
  "http://evil.example/x",
  "/api/v1//evil.example",
  "/api/v1/\\evil.example",
  "/api/v1/webhooks/../../..//evil.example",
  "/api/v1/..//..//evil.example",
  "/api/v1/%2e%2e/%2e%2e//evil.example",
  "/oauth2/token//evil.example",
  "/oauth2//evil.example",
  "//evil.example/oauth2/token",
  "//evil.example/api/v1/webhooks",
])("another host is never named by %s", async (target) => {
  await using scene = await startScene();
  for (const [method, body] of [
    ["GET", undefined],
    ["POST", "grant_type=authorization_code"],
  ] as const) {
    const { status, headers } = await ask(scene.mock.port, target, {
      method,
      headers: { ...form, host: `localhost:${scene.mock.port}` },
      ...(body !== undefined && { body }),
    });
    expect([307, 404, 400]).toContain(status);
    const { origin } = new URL(headers.location ?? scene.origin, scene.mock.issuer);
    expect(origin).toBe(scene.origin);
  }
});

test("without a real issuer nothing is sent on, and another grant is an error of the mock's", async () => {
  using project = createTemporaryProject();
  await using mock = await startTestMock(project, []);
  for (const path of ["/", "/oauth2/auth", "/api/v1/users", "//evil.example", "/\\evil.example"]) {
    const { status, headers } = await ask(mock.port, path);
    expect([path, status, headers.location]).toEqual([path, 404, undefined]);
  }
  const body = "grant_type=authorization_code&code=1";
  const answered = await ask(mock.port, "/oauth2/token", { method: "POST", headers: form, body });
  expect([answered.status, answered.json]).toMatchObject([400, { error: "unsupported_grant_type" }]);
});
