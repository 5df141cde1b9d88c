/** A real app for each row of the table of hints: what it does with a webhook, and what else is known. */
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { HintContext, HintName } from "../../src/delivery/hint-row.ts";
import { findFreePort } from "../helpers/free-port.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import { selfSigned } from "../net/self-signed.ts";
import { startTcpServer } from "../net/tcp-server.ts";

export interface SceneApp extends AsyncDisposable {
  readonly url: URL;
}

export interface Scene {
  readonly open: () => Promise<SceneApp>;
  readonly context?: Partial<HintContext>;
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** What the hint is to contain. */
  readonly says: readonly string[];
}

export const sceneIssuer = "http://localhost:4460";
const kinde = "https://acme.kinde.com";
const text = express.text({ type: "application/jwt" });
const issuerOf = (value: string): Partial<HintContext> => ({
  hasFetchedJwks: false,
  appIssuer: { value, origin: "KINDE_ISSUER_URL (.env)" },
});

export const scenes: Readonly<Record<HintName, Scene>> = {
  page: {
    open: answering(200, "<!doctype html><title>Vite</title>", { "content-type": "text/html" }),
    context: { hasFetchedJwks: false },
    says: ["is this your handler? --to"],
  },
  "other-status": { open: answering(200), context: { expectedStatus: 401 }, says: ["401 was expected"] },
  "not-200": { open: answering(204), says: ["204", "documents only 200"] },
  slash: {
    open: answering(308, "", { location: "/api/webhook/" }),
    says: ["redirects to /api/webhook/, with or without a slash"],
  },
  "to-https": {
    open: answering(301, "", { location: "https://127.0.0.1:3443/api/webhook" }),
    says: ["--to https://127.0.0.1:3443/api/webhook"],
  },
  redirect: {
    open: onExpress((app) => app.use((_, response) => response.redirect("/api/auth/login?next=x"))),
    says: ["redirects to /api/auth/login?next=x", "auth middleware"],
  },
  unverified: {
    open: answering(400),
    context: { unverified: "ERR_BAD_SIGNATURE" },
    says: ["does not verify (ERR_BAD_SIGNATURE)", "right to refuse"],
  },
  "https-only": {
    open: answering(
      400,
      "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port</body></html>",
    ),
    says: ["--to https://127.0.0.1:"],
  },
  "issuer-elsewhere": {
    open: answering(400),
    context: issuerOf("http://localhost:4455"),
    says: ["KINDE_ISSUER_URL (.env) is http://localhost:4455", `at ${sceneIssuer}`, "--issuer-port 4455"],
  },
  "json-parser": {
    open: onExpress((app) => app.use(express.json({ type: () => true, strict: false }))),
    says: ["a JSON parser got the body", "express.text"],
  },
  "claim-asked": { open: verifying({ issuer: kinde }), says: ["asks for a claim", "leave out issuer"] },
  "header-asked": { open: answering(401, "Missing X-Kinde-Signature"), says: ["no signature header"] },
  "key-missing": { open: verifying({}, foreignKey), says: ["lacks this key", "restarted"] },
  "bad-request": {
    open: answering(400, "Invalid token"),
    says: [
      "decodeWebhook(body, process.env.KINDE_ISSUER_URL)",
      "raw body",
      `KINDE_ISSUER_URL=${sceneIssuer}`,
    ],
  },
  "not-allowed": { open: answering(401), says: ["auth middleware", "CSRF"] },
  "no-route": {
    open: onExpress((app) => app.post("/other", (_, response) => response.sendStatus(200))),
    says: ["no route answers /api/webhook", "--to"],
  },
  "no-post": { open: answering(405), says: ["not for POST"] },
  "body-timeout": { open: answering(408), says: ["waited for a body"] },
  "too-large": {
    open: onExpress((app) => app.use(express.text({ type: "application/jwt", limit: "1b" }))),
    says: ["body limit"],
  },
  "media-type": { open: answering(415), says: ["refuses application/jwt"] },
  "body-schema": { open: answering(422), says: ["against a schema"] },
  upgrade: { open: answering(426, "Upgrade Required"), says: ["WebSockets alone", "--to"] },
  "too-many": { open: answering(429), says: ["rate limit"] },
  "no-post-at-all": { open: answering(501), says: ["knows no POST"] },
  proxy: {
    open: answering(
      502,
      "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr></body></html>",
    ),
    says: ["does a proxy in front", "see your app's own output"],
  },
  failed: {
    open: onExpress((app) =>
      app.post("/api/webhook", text, (_, response) => {
        response.status(500).json({ statusCode: 500, message: "no such table: users" });
      }),
    ),
    says: ['the handler failed: "no such table: users"; see your app\'s own output'],
  },
  refused: {
    open: async () => at(await findFreePort()),
    says: ["is your app running", "--wait-on"],
  },
  "no-host": {
    // Not a label of DNS: nobody is asked for it.
    open: async () => ({
      url: new URL(`http://${"a".repeat(64)}.test:3000/api/webhook`),
      [Symbol.asyncDispose]: nothing,
    }),
    says: ["check the name in --to"],
  },
  timeout: { open: listening(() => {}), timeoutMs: 100, says: ["did not answer", "--timeout"] },
  "cut-answer": {
    open: listening((_, response) => response.writeHead(200).write("ok")),
    // The head is to come in time, on a busy machine too.
    timeoutMs: 2_000,
    says: ["did not end it"],
  },
  closed: { open: listening((_, response) => void response.destroy()), says: ["crashed or restarted"] },
  tls: {
    open: async () => {
      const app = await answering(200)();
      return { ...app, url: new URL(app.url.href.replace("http:", "https:")) };
    },
    says: ["does the app speak plain http? Try --to http://127.0.0.1:"],
  },
  "no-http": {
    open: async () => {
      const server = await startTcpServer((socket) => socket.write("-ERR unknown command 'POST'\r\n"));
      return { ...server, ...at(server.port), [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
    },
    says: ["speaks no HTTP"],
  },
  "large-answer": {
    open: answering(200, "x".repeat(2_000)),
    maxAnswerBytes: 1_000,
    says: ["is this your handler"],
  },
};

/** An app on https: what Node's own answers to plain http. */
export async function openHttpsApp(): Promise<SceneApp> {
  return await running(createHttpsServer(selfSigned, (_, response) => response.end()));
}

/** A handler that verifies with jose, and hands its error to Express. */
function verifying(options: { issuer?: string }, key = signingKey): Scene["open"] {
  const jwks = createLocalJWKSet({ keys: [{ ...key.publicJwk }] });
  return onExpress((app) =>
    app.post("/api/webhook", text, async (request, response) => {
      await jwtVerify(request.body as string, jwks, options);
      response.sendStatus(200);
    }),
  );
}

function onExpress(mount: (app: express.Express) => void): Scene["open"] {
  return () => {
    const app = express();
    // What it would print of errors is none of the test's output.
    app.set("env", "test");
    mount(app);
    return listening(app)();
  };
}

function answering(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Scene["open"] {
  return listening((_, response) => void response.writeHead(status, headers).end(body));
}

function listening(listener: RequestListener): Scene["open"] {
  return async () => await running(createServer(listener));
}

async function running(server: ReturnType<typeof createServer>): Promise<SceneApp> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...at((server.address() as AddressInfo).port),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function at(port: number): SceneApp {
  return { url: new URL(`http://127.0.0.1:${port}/api/webhook`), [Symbol.asyncDispose]: nothing };
}

async function nothing(): Promise<void> {}
