/** What the local issuer has not is the real issuer's, and nobody else's: DESIGN, "Other issuer paths". */
import { describe, expect, test } from "vitest";
import { createMemoryHistory } from "../../../src/history/memory-history.ts";
import { startIssuer, type Issuer } from "../../../src/issuer/server.ts";
import { signingKey, signingKeys } from "../../helpers/keys.ts";
import { startReceiver } from "../../helpers/receiver.ts";
import { ask } from "../ask.ts";
import { authorization, controlToken } from "../test-issuer.ts";

const acme = "https://acme.kinde.com";

async function start(realIssuer: string | undefined = acme): Promise<Issuer & AsyncDisposable> {
  const issuer = await startIssuer({
    port: 0,
    jwks: () => ({ keys: [signingKey.publicJwk] }),
    ...(realIssuer !== "" && { realIssuer }),
    control: { project: "/project", token: controlToken, keys: signingKeys, history: createMemoryHistory() },
  });
  return { ...issuer, [Symbol.asyncDispose]: () => issuer.close() };
}

describe("with a real issuer", () => {
  test.each([
    ["/", "/"],
    ["/oauth2/auth?client_id=1&redirect_uri=http%3A%2F%2Flocalhost%3A3000", undefined],
    ["/oauth2/v2/user_profile", undefined],
    ["/logout", undefined],
    ["/api/v1/webhooks", undefined],
    ["/a%20b/%C3%A9?x=%26", undefined],
    ["/.well-known/jwks/", undefined],
    ["/a?next=https://evil.example", undefined],
    ["/a//b", undefined],
  ])("%s is at its place there", async (path, location = path) => {
    await using issuer = await start();
    const { status, headers, body } = await ask(issuer.port, path);
    expect({ status, body, location: headers.location }).toEqual({
      status: 307,
      body: "",
      location: `${acme}${location}`,
    });
  });

  test.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])(
    "%s goes on as it is, by 307",
    async (method) => {
      await using issuer = await start();
      const { status, headers } = await ask(issuer.port, "/oauth2/token", { method });
      expect([status, headers.location]).toEqual([307, `${acme}/oauth2/token`]);
    },
  );

  test("method and body arrive there when the client follows", async () => {
    await using kinde = await startReceiver({
      answers: [(response) => void response.writeHead(201).end("token")],
    });
    await using issuer = await start(`http://127.0.0.1:${kinde.port}`);
    const body = "grant_type=authorization_code&code=1";
    const response = await fetch(`http://127.0.0.1:${issuer.port}/oauth2/token?x=1`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    });
    expect([response.status, await response.text()]).toEqual([201, "token"]);
    const arrived = await kinde.next();
    expect(arrived).toMatchObject({ method: "POST", url: "/oauth2/token?x=1" });
    expect(arrived.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(arrived.body.toString()).toBe(body);
  });

  test("that has a path of its own, what is behind it is behind it there", async () => {
    await using issuer = await start("https://auth.acme.example/tenant");
    const { headers } = await ask(issuer.port, "/oauth2/auth?x=1");
    expect(headers.location).toBe("https://auth.acme.example/tenant/oauth2/auth?x=1");
  });

  test.each(["/.well-known/jwks", "//.well-known/jwks.json", "/.well-known/openid-configuration"])(
    "%s is ours",
    async (path) => {
      await using issuer = await start();
      expect((await ask(issuer.port, path)).status).toBe(200);
    },
  );
});

describe("another host", () => {
  test.each([
    "//evil.example",
    "///evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/\\evil.example",
    "//\\evil.example",
    "/%2F%2Fevil.example",
    "/%2f%2fevil.example/..",
    "/%5C%5Cevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/x/../..//evil.example",
    "/%2e%2e//evil.example",
    "/@evil.example",
    "//@evil.example/",
    "/:80@evil.example",
    "/.evil.example",
    "/https://evil.example",
    "/https:evil.example",
    "//evil.example:443/x?y#z",
    "//acme.kinde.com@evil.example/",
    "/?//evil.example",
    "/javascript:alert(1)",
    "http://evil.example/x",
    "https://evil.example",
    "HTTP://acme.kinde.com@evil.example/",
    "http://evil.example//evil.example",
    "*",
  ])("is never named by %s", async (target) => {
    await using issuer = await start();
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const { status, headers } = await ask(issuer.port, target, { method });
      // Sent on to the real issuer, or not at all; Node refuses some targets itself.
      expect([307, 404, 400]).toContain(status);
      const { origin } = new URL(headers.location ?? acme, `http://localhost:${issuer.port}`);
      expect(origin).toBe(acme);
    }
  });

  test("is never named with an issuer on loopback either, whatever its port and path", async () => {
    for (const real of ["http://localhost:9999", "http://127.0.0.1:9999/tenant"]) {
      await using issuer = await start(real);
      for (const target of [
        "//evil.example",
        "/\\evil.example",
        "/@evil.example",
        "/:1@evil.example",
        "/0/x",
      ]) {
        const { status, headers } = await ask(issuer.port, target);
        expect(status).toBe(307);
        expect(new URL(headers.location ?? "").origin).toBe(new URL(real).origin);
      }
    }
  });
});

describe("what is under /_devhook", () => {
  test.each([
    "/_devhook",
    "/_devhook/",
    "/_devhook?x=1",
    "/_devhook/nothing",
    "//_devhook/nothing",
    "/_devhook/api/nothing",
    "/_devhook/live",
    "/_DEVHOOK/api/deliveries",
  ])("%s is never sent on", async (path) => {
    await using issuer = await start();
    for (const method of ["GET", "POST"]) {
      const { status, headers } = await ask(issuer.port, path, { method, headers: { authorization } });
      expect({ status, location: headers.location }).toEqual({ status: 404, location: undefined });
    }
  });

  test("and needs a token is refused here without one", async () => {
    await using issuer = await start();
    const { status, headers } = await ask(issuer.port, "/_devhook/api/deliveries");
    expect({ status, location: headers.location }).toEqual({ status: 401, location: undefined });
  });

  test("is another path than one that only begins like it", async () => {
    await using issuer = await start();
    const { headers } = await ask(issuer.port, "/_devhooks");
    expect(headers.location).toBe(`${acme}/_devhooks`);
  });
});

test("without a real issuer there is nowhere to send it: 404", async () => {
  await using issuer = await start("");
  for (const path of ["/", "/oauth2/token", "//evil.example"]) {
    const { status, headers } = await ask(issuer.port, path, { method: "POST" });
    expect({ status, location: headers.location }).toEqual({ status: 404, location: undefined });
  }
});

test("a name that is not this machine's is sent nowhere", async () => {
  await using issuer = await start();
  const { status, headers } = await ask(issuer.port, "/oauth2/auth", { headers: { host: "evil.example" } });
  expect({ status, location: headers.location }).toEqual({ status: 403, location: undefined });
});
