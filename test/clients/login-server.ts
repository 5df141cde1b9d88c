/**
 * A real issuer that people log in to, on loopback: authorization code with PKCE, refresh, profile, logout. Its tokens name it
 * as their `iss`. It lets everybody in as the same person, without a page.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { SignJWT } from "jose";
import { foreignKey } from "../helpers/keys.ts";
import { listenOnLoopback } from "../helpers/listen-on-loopback.mjs";

export interface LoginServer extends AsyncDisposable {
  /** `http://localhost:<port>`. */
  readonly issuer: string;
  readonly requests: readonly LoginRequest[];
}

export interface LoginRequest {
  /** `POST /oauth2/token`. */
  readonly route: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

export const person = { sub: "kp_65b28d71bba14fa380d56d2d8d3503da", email: "ada@example.com" };

const lifetimeS = 3600;

export async function startLoginServer(): Promise<LoginServer> {
  const requests: LoginRequest[] = [];
  /** The challenges by the codes that were given for them. */
  const challenges = new Map<string, string>();
  let issuer = "";

  const giveTokens = async (response: ServerResponse, clientId: string): Promise<void> =>
    sendJson(response, 200, {
      access_token: await sign(issuer, { sub: person.sub, azp: clientId, scp: ["openid"] }),
      id_token: await sign(issuer, { ...person, aud: [issuer, clientId] }),
      refresh_token: randomUUID(),
      token_type: "bearer",
      expires_in: lifetimeS,
      scope: "openid profile email offline",
    });
  const routes: Readonly<Record<string, Route>> = {
    "GET /.well-known/jwks": ({ response }) => sendJson(response, 200, { keys: [foreignKey.publicJwk] }),
    "GET /oauth2/auth": ({ response, query }) => {
      const code = randomUUID();
      challenges.set(code, query.get("code_challenge") ?? "");
      const back = new URL(query.get("redirect_uri") ?? "");
      back.search = new URLSearchParams({ code, state: query.get("state") ?? "" }).toString();
      response.writeHead(302, { location: back.href }).end();
    },
    "POST /oauth2/token": async ({ response, form }) => {
      const clientId = form.get("client_id") ?? "";
      if (form.get("grant_type") === "refresh_token") await giveTokens(response, clientId);
      // RFC 7636, section 4.6.
      else if (challenges.get(form.get("code") ?? "") === sha256(form.get("code_verifier") ?? "")) {
        await giveTokens(response, clientId);
      } else sendJson(response, 400, { error: "invalid_grant" });
    },
    "GET /oauth2/v2/user_profile": ({ response, authorization }) => {
      if (authorization === undefined) sendJson(response, 401, { errors: [{ code: "TOKEN_INVALID" }] });
      else sendJson(response, 200, person);
    },
  };
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? "", issuer);
    const route = `${incoming.method} ${url.pathname}`;
    const form = new URLSearchParams(await text(incoming));
    const { authorization } = incoming.headers;
    requests.push({ route, form, authorization });
    if (routes[route] === undefined) sendJson(response, 404, { errors: { code: "ROUTE_NOT_FOUND" } });
    else await routes[route]({ response, query: url.searchParams, form, authorization });
  };
  const { port, close } = await listenOnLoopback(0, () => createServer(answer));
  issuer = `http://localhost:${port}`;
  return { issuer, requests, [Symbol.asyncDispose]: close };
}

type Route = (asked: {
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}) => void | Promise<void>;

async function sign(issuer: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", kid: foreignKey.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(`${lifetimeS}s`)
    .setJti(randomUUID())
    .sign(foreignKey.privateKey);
}

function sha256(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
