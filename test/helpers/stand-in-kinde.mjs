// A stand-in for a Kinde environment on loopback: its keys, its JWKS, its tokens, its webhook requests.
// It shares no code with what is tested: it is the other side.
import { randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { listenOnLoopback } from "./listen-on-loopback.mjs";
import { requestPublic } from "./request-public.mjs";
import { createKey, importKey, sampleEvent, signToken } from "./stand-in-tokens.mjs";

const jwksPaths = new Set(["/.well-known/jwks", "/.well-known/jwks.json"]);
const dayInSeconds = 24 * 60 * 60;

/**
 * @param {{ port?: number, privateJwk?: import("node:crypto").JsonWebKey }} [options]
 */
export async function startStandInKinde({ port: wantedPort = 0, privateJwk } = {}) {
  /** Every key there was, the newest last: who holds an old token still holds it when its key is retired. */
  const keys = [privateJwk === undefined ? await createKey() : importKey(privateJwk)];
  const retired = new Set();
  const requests = [];
  let mode = "jwks";
  let issuer;

  const answer = (incoming, response) => {
    requests.push(incoming.url);
    // People put a slash after the domain: Kinde answers //.well-known/… as well.
    const path = incoming.url.replace(/^\/+/, "/").replace(/\?.*/, "");
    if (jwksPaths.has(path)) answerJwks(response);
    else if (path === "/.well-known/openid-configuration") sendJson(response, 200, discovery(issuer));
    else sendJson(response, 404, { errors: { code: "ROUTE_NOT_FOUND", message: "Not found" } });
  };
  const answerJwks = (response) => {
    const listed = keys.filter(({ kid }) => !retired.has(kid)).map(({ publicJwk }) => publicJwk);
    if (mode === "jwks") sendJson(response, 200, { keys: listed });
    if (mode === "empty") sendJson(response, 200, { keys: [] });
    if (mode === "error") sendJson(response, 500, { errors: [{ code: "SERVER_ERROR", message: "Error" }] });
    if (mode === "html") {
      response
        .writeHead(200, { "content-type": "text/html" })
        .end("<!doctype html><title>Maintenance</title>");
    }
    // "never": the connection stays open until this server is stopped.
  };
  const { port, close } = await listenOnLoopback(wantedPort, () => createServer(answer));
  issuer = `http://localhost:${port}`;

  const newestKey = () => keys.findLast(({ kid }) => !retired.has(kid)) ?? keys.at(-1);
  const keyOf = (kid) => {
    const key = kid === undefined ? newestKey() : keys.find((known) => known.kid === kid);
    if (key === undefined) throw new Error(`the stand-in has no key ${kid}`);
    return key;
  };
  const signClaims = (claims, { header, kid } = {}) => signToken(claims, keyOf(kid), header);
  return {
    issuer,
    port,
    requests,
    get kid() {
      return newestKey().kid;
    },
    answerJwksWith: (nextMode) => (mode = nextMode),
    rotate: async () => {
      const key = await createKey();
      keys.push(key);
      return key.kid;
    },
    retire: (kid) => void retired.add(keyOf(kid).kid),
    signClaims,
    signWebhook: (type, overrides = {}) => signClaims({ ...sampleEvent(type), ...overrides }),
    accessToken: (overrides = {}) => signClaims({ ...accessTokenClaims(issuer), ...overrides }),
    idToken: (overrides = {}) => signClaims({ ...idTokenClaims(issuer), ...overrides }),
    m2mToken: (overrides = {}) => signClaims({ ...m2mTokenClaims(issuer), ...overrides }),
    deliver: (publicUrl, token, { webhookId = randomBytes(16).toString("hex"), headers } = {}) =>
      requestPublic(publicUrl, {
        method: "POST",
        headers: { "content-type": "application/jwt", "webhook-id": webhookId, ...headers },
        body: token,
      }),
    stop: close,
    [Symbol.asyncDispose]: close,
  };
}

function sendJson(response, status, value) {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(value));
}

function discovery(issuer) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth2/auth`,
    token_endpoint: `${issuer}/oauth2/token`,
    userinfo_endpoint: `${issuer}/oauth2/v2/user_profile`,
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    jwks_uri: `${issuer}/.well-known/jwks`,
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
  };
}

// The claims are those of Kinde's docs ("About access tokens", "About ID tokens", "M2M tokens").

function registeredClaims(issuer) {
  const issuedAt = Math.floor(Date.now() / 1000);
  return { exp: issuedAt + dayInSeconds, iat: issuedAt, iss: issuer, jti: randomUUID() };
}

function accessTokenClaims(issuer) {
  return {
    ...registeredClaims(issuer),
    aud: [],
    azp: "1e5c3a7d9b2f4860a1c3e5d7f9b0a2c4",
    org_code: "org_590d7f1a86a",
    permissions: ["read:reports"],
    scp: ["openid", "profile", "email", "offline"],
    sub: "kp_65b28d71bba14fa380d56d2d8d3503da",
  };
}

function idTokenClaims(issuer) {
  const claims = registeredClaims(issuer);
  return {
    ...claims,
    at_hash: "MWQ0YzFhZTJmN2I4OTAxMg",
    aud: [issuer, "1e5c3a7d9b2f4860a1c3e5d7f9b0a2c4"],
    auth_time: claims.iat,
    azp: "1e5c3a7d9b2f4860a1c3e5d7f9b0a2c4",
    email: "ada.lovelace@example.com",
    family_name: "Lovelace",
    given_name: "Ada",
    name: "Ada Lovelace",
    org_codes: ["org_590d7f1a86a"],
    sub: "kp_65b28d71bba14fa380d56d2d8d3503da",
    updated_at: claims.iat,
  };
}

function m2mTokenClaims(issuer) {
  return {
    ...registeredClaims(issuer),
    aud: [`${issuer}/api`],
    azp: "7c9e6679f4b14c8e9d2a5b3f1e0d8c6a",
    gty: ["client_credentials"],
    scope: "read:webhooks create:webhooks",
    scp: ["read:webhooks", "create:webhooks"],
    v: "2",
  };
}
