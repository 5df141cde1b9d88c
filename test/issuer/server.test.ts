import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { PortInUseError } from "../../src/net/listen.ts";
import { startIssuer } from "../../src/issuer/server.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { signingKey, signingKeys } from "../helpers/keys.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import { ask, errorCode } from "./ask.ts";
import { authorization, startTestIssuer } from "./test-issuer.ts";

const jwksPath = "/.well-known/jwks";
const discoveryPath = "/.well-known/openid-configuration";

describe("the JWKS", () => {
  test.each([
    jwksPath,
    "/.well-known/jwks.json",
    "//.well-known/jwks",
    "//.well-known/jwks.json",
    "/.well-known/jwks?cache=1",
  ])("is at %s: the public key, and nothing private", async (path) => {
    await using issuer = await startTestIssuer();
    const { status, headers, json } = await ask(issuer.port, path);
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    const { e, n, kid } = signingKey.publicJwk;
    expect(json).toEqual({ keys: [{ e, n, kid, alg: "RS256", kty: "RSA", use: "sig" }] });
  });

  test("is answered to HEAD by its length alone", async () => {
    await using issuer = await startTestIssuer();
    const [head, get] = [
      await ask(issuer.port, jwksPath, { method: "HEAD" }),
      await ask(issuer.port, jwksPath),
    ];
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(get.body)));
  });

  test("is read, not written", async () => {
    await using issuer = await startTestIssuer();
    expect((await ask(issuer.port, jwksPath, { method: "POST" })).status).toBe(404);
  });

  test("is known to have been asked for, by whatever path", async () => {
    await using issuer = await startTestIssuer();
    await ask(issuer.port, discoveryPath);
    expect(issuer.hasServedJwks()).toBe(false);
    await ask(issuer.port, "//.well-known/jwks.json");
    expect(issuer.hasServedJwks()).toBe(true);
  });
});

test("openid-configuration names the issuer as the client called it", async () => {
  await using issuer = await startTestIssuer();
  for (const path of [discoveryPath, `/${discoveryPath}`]) {
    for (const host of [`localhost:${issuer.port}`, `127.0.0.1:${issuer.port}`]) {
      const { status, json } = await ask(issuer.port, path, { headers: { host } });
      expect(status).toBe(200);
      expect(json).toMatchObject({
        issuer: `http://${host}`,
        jwks_uri: `http://${host}${jwksPath}`,
        token_endpoint: `http://${host}/oauth2/token`,
      });
    }
  }
});

test.each(["/", "/nothing", "/api/v1/webhooks", "/_devhook", "/.well-known/jwks/"])(
  "%s is no route: 404",
  async (path) => {
    await using issuer = await startTestIssuer();
    const { status, json } = await ask(issuer.port, path, { headers: { authorization } });
    expect({ status, json }).toMatchObject({ status: 404, json: { errors: { code: "ROUTE_NOT_FOUND" } } });
  },
);

describe("the Host rule", () => {
  test.each(["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "foo.localhost", "a.b.localhost"])(
    "lets %s in, with and without a port",
    async (name) => {
      await using issuer = await startTestIssuer();
      for (const host of [name, `${name}:${issuer.port}`, `${name}:80`]) {
        expect((await ask(issuer.port, jwksPath, { headers: { host } })).status).toBe(200);
      }
    },
  );

  test.each([
    "evil.example",
    "evil.example:4455",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil@localhost",
    "evil.example .localhost",
    "169.254.169.254",
    "0.0.0.0",
    "[::]",
  ])("refuses %j everywhere: 403", async (host) => {
    await using issuer = await startTestIssuer();
    for (const path of [jwksPath, discoveryPath, "/_devhook/api/health", "/nothing"]) {
      const answered = await ask(issuer.port, path, { headers: { host, authorization } });
      expect([answered.status, errorCode(answered)]).toEqual([403, "ERR_FOREIGN_HOST"]);
    }
    expect(issuer.hasServedJwks()).toBe(false);
  });

  test.each([
    ["without a Host, of HTTP/1.0", "HTTP/1.0", 403],
    // Node's own rule: RFC 9112, section 3.2.
    ["without a Host, of HTTP/1.1", "HTTP/1.1", 400],
    ["with an empty Host", "HTTP/1.1\r\nHost: ", 403],
  ])("refuses a request %s", async (_, head, status) => {
    await using issuer = await startTestIssuer();
    const socket = connect(issuer.port, "127.0.0.1");
    socket.end(`GET ${jwksPath} ${head}\r\n\r\n`);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(issuer.hasServedJwks()).toBe(false);
  });
});

describe("pages of other origins", () => {
  test.each([
    "http://localhost:3000",
    "https://localhost",
    "http://127.0.0.1:5173",
    "http://[::1]:3000",
    "http://app.localhost:3000",
  ])("may read the issuer's answers at %s", async (origin) => {
    await using issuer = await startTestIssuer();
    for (const path of [jwksPath, discoveryPath]) {
      const { status, headers } = await ask(issuer.port, path, { headers: { origin } });
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "access-control-allow-origin": origin, vary: "origin" });
    }
  });

  test.each([
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "null",
    "file://localhost",
    "localhost",
  ])("may not at %s", async (origin) => {
    await using issuer = await startTestIssuer();
    for (const path of [jwksPath, discoveryPath]) {
      const { headers } = await ask(issuer.port, path, { headers: { origin } });
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect(headers.vary).toBe("origin");
    }
  });

  const preflight = { "access-control-request-method": "GET", "access-control-request-headers": "x-own" };

  test("ask first, and are answered on this machine", async () => {
    await using issuer = await startTestIssuer();
    const headers = { origin: "http://localhost:3000", ...preflight };
    const answered = await ask(issuer.port, jwksPath, { method: "OPTIONS", headers });
    expect(answered.status).toBe(204);
    expect(answered.headers["access-control-allow-origin"]).toBe("http://localhost:3000");
    expect(answered.headers["access-control-allow-methods"]).toContain("GET");
    expect(answered.headers["access-control-allow-headers"]).toBe("x-own");
    expect(issuer.hasServedJwks()).toBe(false);
  });

  test.each([
    ["an origin elsewhere", jwksPath, "https://evil.example"],
    ["the control API", "/_devhook/api/emit", "http://localhost:3000"],
    ["the control API as of a proxy", "http://localhost/_devhook/api/emit", "http://localhost:3000"],
  ])("ask first in vain for %s", async (_, path, origin) => {
    await using issuer = await startTestIssuer();
    const answered = await ask(issuer.port, path, { method: "OPTIONS", headers: { origin, ...preflight } });
    expect(answered.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answered.headers).not.toHaveProperty("access-control-allow-methods");
  });
});

test.runIf(hasIpv6Loopback)("answers on both loopback families", async () => {
  await using issuer = await startTestIssuer();
  for (const address of ["127.0.0.1", "::1"]) {
    expect((await ask(issuer.port, jwksPath, { address })).status).toBe(200);
  }
});

test("its URL names localhost, without a slash at the end", async () => {
  await using issuer = await startTestIssuer();
  expect(issuer.url).toBe(`http://localhost:${issuer.port}`);
});

test("does not start on a port that another program has", async () => {
  await using receiver = await startReceiver();
  const starting = startIssuer({
    port: receiver.port,
    jwks: () => ({ keys: [] }),
    control: { project: "/", token: "x", keys: signingKeys, history: createMemoryHistory() },
  });
  await expect(starting).rejects.toThrow(PortInUseError);
});

describe("who shares the issuer", () => {
  // Longer than a test may take.
  const graceMs = 120_000;

  test("hears of its end, and is served until it hangs up", async () => {
    const issuer = await startTestIssuer();
    const follower = await follow(issuer.port);
    const told = once(follower, "data");
    const closing = issuer.close(graceMs);
    await told;
    expect((await ask(issuer.port, jwksPath)).status).toBe(200);
    follower.destroy();
    await closing;
    await expect(ask(issuer.port, jwksPath)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("hears nothing before", async () => {
    await using issuer = await startTestIssuer();
    const follower = await follow(issuer.port);
    await ask(issuer.port, jwksPath);
    expect(follower.readableLength).toBe(0);
    follower.destroy();
  });

  test("is not waited for longer than two seconds", async () => {
    const issuer = await startTestIssuer();
    const follower = await follow(issuer.port);
    const ended = new Promise<void>((resolve) =>
      follower
        .on("error", () => {})
        .on("close", resolve)
        .resume(),
    );
    await issuer.close();
    await ended;
    await expect(ask(issuer.port, jwksPath)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("does not hold up the end once it has gone", async () => {
    const issuer = await startTestIssuer();
    const follower = await follow(issuer.port);
    follower.destroy();
    await issuer.close(graceMs);
    await expect(ask(issuer.port, jwksPath)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("is turned away once the end has begun", async () => {
    const issuer = await startTestIssuer();
    const follower = await follow(issuer.port);
    const told = once(follower, "data");
    const closing = issuer.close(graceMs);
    await told;
    const answered = await ask(issuer.port, "/_devhook/api/until-closing", { headers: { authorization } });
    expect([answered.status, errorCode(answered)]).toEqual([503, "ERR_ISSUER_CLOSING"]);
    follower.destroy();
    await closing;
  });

  async function follow(port: number): Promise<IncomingMessage> {
    const path = "/_devhook/api/until-closing";
    const asking = request({ host: "127.0.0.1", port, path, headers: { authorization }, agent: false });
    asking.on("error", () => {}).end();
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    return response;
  }
});
