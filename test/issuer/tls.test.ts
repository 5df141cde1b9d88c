/** The local issuer on https, at the port of http. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { hasIpv6Loopback } from "../net/has-ipv6.ts";
import type { Asked } from "./ask.ts";
import { startManagementMock } from "./routes/management-mock.ts";
import { authorization, startTestIssuer } from "./test-issuer.ts";

const tokenOrder: Asked = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "grant_type=client_credentials&client_id=my-app&client_secret=my-secret",
};

test.each(["localhost", "127.0.0.1", ...(hasIpv6Loopback ? ["[::1]"] : [])])(
  "openid-configuration names https://%s as the client called it",
  async (hostname) => {
    await using issuer = await startTestIssuer();
    const called = `https://${hostname}:${issuer.port}`;
    const { json } = await askSecurely(
      `${called}/.well-known/openid-configuration`,
      await issuer.caCertificate(),
    );
    expect(json).toMatchObject({
      issuer: called,
      jwks_uri: `${called}/.well-known/jwks`,
      token_endpoint: `${called}/oauth2/token`,
    });
  },
);

test("the JWKS is the same on either", async () => {
  await using issuer = await startTestIssuer();
  const path = ".well-known/jwks";
  const { json } = await askSecurely(
    `https://localhost:${issuer.port}/${path}`,
    await issuer.caCertificate(),
  );
  expect(json).toEqual(await (await fetch(`${issuer.url}/${path}`)).json());
});

describe("an access token", () => {
  test("is of the https issuer when it was fetched there, and is taken on either", async () => {
    await using management = await startManagementMock();
    const { mock, call } = management;
    const ca = await mock.caCertificate();
    const secure = `https://localhost:${mock.port}`;
    const { json } = await askSecurely(`${secure}/oauth2/token`, ca, tokenOrder);
    const token = (json as { access_token: string }).access_token;
    const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { iss: string };
    expect(claims.iss).toBe(secure);
    const headers = { authorization: `Bearer ${token}` };
    expect((await askSecurely(`${secure}/api/v1/webhooks`, ca, { headers })).status).toBe(200);
    expect((await call("GET", "/webhooks", { token })).status).toBe(200);
  });

  test("that was fetched over http is taken on https", async () => {
    await using management = await startManagementMock();
    const { mock } = management;
    const answer = await fetch(`${mock.issuer}/oauth2/token`, tokenOrder as RequestInit);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const { status } = await askSecurely(
      `https://localhost:${mock.port}/api/v1/webhooks`,
      await mock.caCertificate(),
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(status).toBe(200);
  });
});

test.each([
  ["https://localhost:PORT", 200],
  ["http://localhost:PORT", 403],
  ["https://127.0.0.1:PORT", 403],
  ["https://localhost", 403],
  ["https://evil.example", 403],
])("on https the control API takes a page of %s: %i", async (origin, expected) => {
  await using issuer = await startTestIssuer();
  const { status } = await askSecurely(
    `https://localhost:${issuer.port}/_devhook/api/deliveries`,
    await issuer.caCertificate(),
    { headers: { authorization, origin: origin.replace("PORT", String(issuer.port)) } },
  );
  expect(status).toBe(expected);
});

test("on http the control API takes no page of https", async () => {
  await using issuer = await startTestIssuer();
  const { status } = await fetch(`${issuer.url}/_devhook/api/health`, {
    headers: { origin: `https://localhost:${issuer.port}` },
  });
  expect(status).toBe(403);
});

test("on https, too, the Host must be a name of this machine", async () => {
  await using issuer = await startTestIssuer();
  const { status, json } = await askSecurely(
    `https://localhost:${issuer.port}/.well-known/jwks`,
    await issuer.caCertificate(),
    { headers: { host: "evil.example" } },
  );
  expect({ status, json }).toMatchObject({ status: 403, json: { errors: [{ code: "ERR_FOREIGN_HOST" }] } });
});

async function askSecurely(
  url: string,
  ca: string,
  { method = "GET", headers, body }: Asked = {},
): Promise<{ readonly status: number | undefined; readonly json: unknown }> {
  // With a Host header of its own the client would look for that name in the certificate.
  const own = headers !== undefined && "host" in headers && { servername: "localhost" };
  const outgoing = request(url, { method, headers, ca, agent: false, ...own });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: response.statusCode, json: JSON.parse(await text(response)) as unknown };
}
