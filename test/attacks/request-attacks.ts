/** A genuine token in what is no webhook request: other methods, other targets, upgrades, other protocols. */
import { requestBytes, type Attack, type RequestParts } from "./attack.ts";
import type { Surroundings } from "./scene.ts";

type Parts = (token: string, surroundings: Surroundings) => RequestParts | string | Buffer;

function row(
  name: string,
  parts: Parts,
  code: Attack["code"],
  status: Attack["status"],
  endsConnection = false,
): Attack {
  return {
    name,
    bytes: (surroundings) => {
      const token = surroundings.kinde.signWebhook("user.created");
      const made = parts(token, surroundings);
      return typeof made === "string" || Buffer.isBuffer(made)
        ? made
        : requestBytes({ body: token, ...made });
    },
    code,
    status,
    endsConnection,
  };
}

const notAWebhook = "ERR_NOT_A_WEBHOOK_REQUEST";
const malformed = "ERR_MALFORMED_REQUEST";

const methods: readonly Attack[] = [
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "MKCOL",
  "SEARCH",
  "PURGE",
  "LINK",
  "REPORT",
  "SUBSCRIBE",
].flatMap((method) => [
  row(`${method} with a genuine token`, () => ({ method }), notAWebhook, 404),
  row(
    `${method} without a body`,
    () => ({ method, body: "", headers: { "content-length": undefined } }),
    notAWebhook,
    404,
  ),
]);

const unknownMethods: readonly Attack[] = ["BREW", "post", "Post", "\tPOST", "POSTPOST", "P", ""].map(
  (method) => row(`the method ${JSON.stringify(method)}`, () => ({ method }), malformed, 400, true),
);

const overrides: readonly Attack[] = ["x-http-method-override", "x-http-method", "x-method-override"].map(
  (name) =>
    row(`GET with ${name}: POST`, () => ({ method: "GET", headers: { [name]: "POST" } }), notAWebhook, 404),
);

const connects: readonly Attack[] = ["localhost:22", "example.com:443", "/api/webhook", "127.0.0.1:80"].map(
  (target) => row(`CONNECT to ${target}`, () => ({ method: "CONNECT", target }), notAWebhook, 404, true),
);

const webSocket = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};
const upgrades: readonly Attack[] = [
  row(
    "a WebSocket's handshake",
    () => ({ method: "GET", headers: { ...webSocket, "content-length": undefined }, body: "" }),
    notAWebhook,
    404,
    true,
  ),
  row(
    "a WebSocket's handshake by POST with a genuine token",
    () => ({ headers: webSocket }),
    notAWebhook,
    404,
    true,
  ),
  row(
    "an upgrade to h2c",
    () => ({
      headers: {
        connection: "Upgrade, HTTP2-Settings",
        upgrade: "h2c",
        "http2-settings": "AAMAAABkAAQAAP__",
      },
    }),
    notAWebhook,
    404,
    true,
  ),
  row(
    "an upgrade to TLS",
    () => ({ headers: { connection: "Upgrade", upgrade: "TLS/1.0" } }),
    notAWebhook,
    404,
    true,
  ),
  row("Upgrade without Connection", () => ({ headers: { upgrade: "websocket" } }), notAWebhook, 404, true),
  row(
    "an empty Upgrade",
    () => ({ headers: { connection: "Upgrade", upgrade: "" } }),
    notAWebhook,
    404,
    true,
  ),
];

const targets: readonly Attack[] = [
  row("an absolute target", () => ({ target: "http://localhost:3000/api/webhook" }), notAWebhook, 404),
  row("an absolute target on https", () => ({ target: "https://example.com/api/webhook" }), notAWebhook, 404),
  row("an absolute target at the trap", (_, { trap }) => ({ target: trap.url }), notAWebhook, 404),
  row("an absolute target of another scheme", () => ({ target: "file:///etc/hostname" }), notAWebhook, 404),
  row("an asterisk as the target", () => ({ target: "*" }), notAWebhook, 404),
  row(
    "an asterisk for OPTIONS",
    () => ({ method: "OPTIONS", target: "*", body: "", headers: { "content-length": undefined } }),
    notAWebhook,
    404,
  ),
  row("an authority as the target", () => ({ target: "localhost:3000" }), malformed, 400, true),
  row("no slash before the path", () => ({ target: "api/webhook" }), malformed, 400, true),
  row("a query alone as the target", () => ({ target: "?a=b" }), malformed, 400, true),
  row("a backslash before the path", () => ({ target: "\\api\\webhook" }), malformed, 400, true),
  row("no target", () => ({ target: "" }), malformed, 400, true),
  row("a space in the target", () => ({ target: "/api/web hook" }), malformed, 400, true),
  row("a tab in the target", () => ({ target: "/api/web\thook" }), malformed, 400, true),
  row("NUL in the target", () => ({ target: "/api/web\0hook" }), malformed, 400, true),
  row("CR in the target", () => ({ target: "/api/web\rhook" }), malformed, 400, true),
];

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const protocols: readonly Attack[] = [
  row("HTTP/0.9", () => "GET /api/webhook\r\n\r\n", malformed, 400, true),
  row("HTTP/0.9 with POST", (token) => `POST /api/webhook\r\n\r\n${token}`, malformed, 400, true),
  row("the preface of HTTP/2", () => preface, malformed, 400, true),
  row("HTTP/2.0 in a request line", () => ({ version: "HTTP/2.0" }), malformed, 400, true),
  row("HTTP/3.0", () => ({ version: "HTTP/3.0" }), malformed, 400, true),
  row("HTTP/1.2", () => ({ version: "HTTP/1.2" }), malformed, 400, true),
  row("HTTP/1.10", () => ({ version: "HTTP/1.10" }), malformed, 400, true),
  row("HTTP/01.1", () => ({ version: "HTTP/01.1" }), malformed, 400, true),
  row("http/1.1", () => ({ version: "http/1.1" }), malformed, 400, true),
  row("HTTP/1,1", () => ({ version: "HTTP/1,1" }), malformed, 400, true),
  row("ICE/1.0", () => ({ version: "ICE/1.0" }), malformed, 400, true),
  row("a word behind the version", () => ({ version: "HTTP/1.1 HTTP/1.1" }), malformed, 400, true),
  row("a TLS greeting", () => Buffer.from("160301020001000001fc0303", "hex"), malformed, 400, true),
  row("an SSH greeting", () => "SSH-2.0-OpenSSH_9.2\r\n", malformed, 400, true),
  row(
    "an answer instead of a request",
    () => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    malformed,
    400,
    true,
  ),
  row(
    "the PROXY protocol",
    (token) =>
      Buffer.concat([Buffer.from("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), requestBytes({ body: token })]),
    malformed,
    400,
    true,
  ),
  row(
    "bytes that are no text",
    () => Buffer.from(Array.from({ length: 256 }, (_, byte) => 255 - byte)),
    malformed,
    400,
    true,
  ),
];

const heads: readonly Attack[] = [
  row("no Host", () => ({ headers: { host: undefined } }), malformed, 400, true),
  row(
    "no Host and a body in chunks",
    (token) => ({
      headers: { host: undefined, "content-length": undefined, "transfer-encoding": "chunked" },
      body: `${token.length.toString(16)}\r\n${token}\r\n0\r\n\r\n`,
    }),
    malformed,
    400,
    true,
  ),
  row(
    "Expect with something unknown and no genuine token",
    () => ({ headers: { expect: "a-miracle" }, body: "a.b.c" }),
    "ERR_NOT_A_JWT",
    401,
  ),
];

export const requestAttacks: readonly Attack[] = [
  ...methods,
  ...unknownMethods,
  ...overrides,
  ...connects,
  ...upgrades,
  ...targets,
  ...protocols,
  ...heads,
];
