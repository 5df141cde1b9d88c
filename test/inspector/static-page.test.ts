import { rmSync } from "node:fs";
import { join } from "node:path";
import { request } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { ask, errorCode } from "../issuer/ask.ts";
import { createPageDirectory, pageFiles } from "./page-directory.ts";
import { serveInspector } from "./serve-inspector.ts";

const directory = createPageDirectory();
afterAll(() => directory[Symbol.dispose]());
const serve = () => serveInspector({ directory: directory.path });

test.each([
  ["/_devhook/", "index.html", "text/html; charset=utf-8"],
  ["/_devhook/?from=mail", "index.html", "text/html; charset=utf-8"],
  ["/_devhook/index.html", "index.html", "text/html; charset=utf-8"],
  ["/_devhook/inspector.js", "inspector.js", "text/javascript; charset=utf-8"],
  ["/_devhook/style.css", "style.css", "text/css; charset=utf-8"],
] as const)("%s is %s", async (path, name, type) => {
  await using inspector = await serve();
  const { status, headers, body } = await ask(inspector.port, path);
  expect([status, headers["content-type"], body]).toEqual([200, type, pageFiles[name]]);
});

test("/_devhook leads to /_devhook/, where the page's own links lead on", async () => {
  await using inspector = await serve();
  const { status, headers } = await ask(inspector.port, "/_devhook?x=//evil.example");
  expect([status, headers.location]).toEqual([308, "/_devhook/"]);
});

test("a browser may load nothing from elsewhere, and nobody may frame the page", async () => {
  await using inspector = await serve();
  for (const path of ["/_devhook/", "/_devhook/inspector.js", "/_devhook/nothing", "/_devhook"]) {
    const host = `localhost:${inspector.port}`;
    const { headers } = await ask(inspector.port, path, { headers: { host } });
    expect(headers).toMatchObject({
      "content-security-policy":
        `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${host}; img-src 'self' data:; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
  }
});

test("over https the live feed is one over TLS", async () => {
  await using inspector = await serve();
  const ca = await inspector.caCertificate();
  const asked = request({ host: "localhost", port: inspector.port, path: "/_devhook/", ca, agent: false });
  const [response] = (await once(asked.end(), "response")) as [IncomingMessage];
  response.resume();
  expect(response.headers["content-security-policy"]).toContain(
    `connect-src 'self' wss://localhost:${inspector.port};`,
  );
});

describe("what is sent", () => {
  const gzip = { "accept-encoding": "br, gzip" };

  test("is compressed for who can read that, and says that it differs", async () => {
    await using inspector = await serve();
    const response = await fetchBytes(inspector.port, gzip);
    expect(response.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(gunzipSync(response.bytes).toString()).toBe(pageFiles["index.html"]);
  });

  test.each(["identity", "br", "gzip;q=0", "gzip; q=0.0, br", "xgzipx"])(
    "is not for %j",
    async (accepted) => {
      await using inspector = await serve();
      const response = await fetchBytes(inspector.port, { "accept-encoding": accepted });
      expect(response.headers).not.toHaveProperty("content-encoding");
      expect(response.bytes.toString()).toBe(pageFiles["index.html"]);
    },
  );

  test("is asked for anew each time, and not sent again as long as it is the same", async () => {
    await using inspector = await serve();
    const first = await fetchBytes(inspector.port, gzip);
    expect(first.headers["cache-control"]).toBe("no-cache");
    const { etag = "" } = first.headers;
    for (const known of [etag, `"other", W/${etag}`, "*"]) {
      const again = await fetchBytes(inspector.port, { ...gzip, "if-none-match": known });
      expect([known, again.status, again.bytes.length]).toEqual([known, 304, 0]);
    }
    // The other encoding is another representation.
    expect((await fetchBytes(inspector.port, { "if-none-match": etag })).status).toBe(200);
  });

  test("is the headers alone to who asks for those", async () => {
    await using inspector = await serve();
    const { status, headers, body } = await ask(inspector.port, "/_devhook/", { method: "HEAD" });
    expect([status, headers["content-length"], body]).toEqual([
      200,
      String(pageFiles["index.html"].length),
      "",
    ]);
  });

  async function fetchBytes(port: number, headers: Record<string, string>) {
    const { request: requestHttp } = await import("node:http");
    const asked = requestHttp({ host: "127.0.0.1", port, path: "/_devhook/", headers, agent: false });
    const [response] = (await once(asked.end(), "response")) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, bytes: await buffer(response) };
  }
});

test.each([
  ["GET", "/_devhook/nothing", 404],
  ["GET", "/_devhook/constructor", 404],
  ["GET", "/_devhook/../package.json", 404],
  ["GET", "/_devhook/%2e%2e/vendor/ws.js", 404],
  ["GET", "/_devhook/index.html/", 404],
  ["POST", "/_devhook/", 405],
  ["GET", "/_devhook/live", 426],
])("%s %s is told in a sentence: %i", async (method, path, status) => {
  await using inspector = await serve();
  const answered = await ask(inspector.port, path, { method });
  expect([answered.status, answered.headers["content-type"]]).toEqual([status, "text/plain; charset=utf-8"]);
  expect(answered.body).toMatch(/^[A-Z].*\.\n$/);
});

test("a file that is missing is told by its name: ERR_INTERNAL", async () => {
  using broken = createPageDirectory();
  rmSync(join(broken.path, "style.css"));
  await using inspector = await serveInspector({ directory: broken.path });
  const answered = await ask(inspector.port, "/_devhook/");
  expect([answered.status, errorCode(answered)]).toEqual([500, "ERR_INTERNAL"]);
  expect(answered.body).toContain("style.css is missing");
});
