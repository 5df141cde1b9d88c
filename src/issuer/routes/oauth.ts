/**
 * `POST /oauth2/token`: access tokens for machine-to-machine applications.
 * Source: RFC 6749, sections 2.3.1, 4.4 and 5; Kinde docs, "Connect to Kinde API".
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import express, { Router, type ErrorRequestHandler, type RequestHandler } from "express";
import type { IncomingMessage } from "node:http";
import { accessTokenLifetimeS, createAccessToken, managementScopes } from "../../kinde/access-token.ts";
import type { SigningKeys } from "../../kinde/signing-keys.ts";
import { calledOrigin } from "../called-origin.ts";

/** An application's credentials. */
export interface Client {
  readonly id: string;
  readonly secret: string;
}

export interface OauthOptions {
  readonly signingKeys: SigningKeys;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The one client that is known. Default: any id and secret are taken, for only this machine can ask. */
  readonly client?: Client | undefined;
}

/** What is wrong with a request for a token, as RFC 6749, section 5.2, tells it. */
class OauthError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const maxBodyBytes = 64 * 1024;

/** @param hasRealIssuer grants that are not ours are then its own */
export function createOauthRoutes(
  { signingKeys, now, client }: OauthOptions,
  hasRealIssuer: boolean,
): Router {
  const router = Router();
  const readForm = express.text({ type: "application/x-www-form-urlencoded", limit: maxBodyBytes });
  const answer: RequestHandler = async (request, response, next) => {
    const form = parseForm(request.body);
    // Another grant is the real issuer's business, and so is whatever is wrong with its form.
    if (hasRealIssuer && !form.getAll("grant_type").includes("client_credentials")) {
      next();
      return;
    }
    assertOnce(form);
    if (form.get("grant_type") !== "client_credentials") throw wrongGrant(form.get("grant_type"));
    const { id } = authenticate(request, form, client);
    const scopes = parseScopes(form.get("scope"));
    const order = {
      issuer: calledOrigin(request),
      clientId: id,
      audience: form.getAll("audience").filter((audience) => audience !== ""),
      scopes,
    };
    // Not of the events' own randomness: when an app fetches its token must not change what a seed gives to events.
    const token = await createAccessToken(order, signingKeys.current(), { now: now(), randomBytes });
    response.set("cache-control", "no-store").json({
      access_token: token,
      expires_in: accessTokenLifetimeS,
      scope: scopes.join(" "),
      token_type: "Bearer",
    });
  };
  router.post("/oauth2/token", readForm, answer, answerError);
  return router;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const isOurs = error instanceof OauthError;
  // The parser's own errors say with a status what the client did wrong.
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (!isOurs && status >= 500) {
    next(error);
    return;
  }
  if (status === 401) response.set("www-authenticate", 'Basic realm="kinde"');
  response
    .status(status)
    .set("cache-control", "no-store")
    .json({
      error: isOurs ? error.code : "invalid_request",
      error_description: (error as Error).message,
    });
};

function parseForm(body: unknown): URLSearchParams {
  if (typeof body === "string") return new URLSearchParams(body);
  throw new OauthError(
    400,
    "invalid_request",
    "The body must be a form: content-type application/x-www-form-urlencoded, as in grant_type=client_credentials&client_id=…",
  );
}

/** RFC 6749, section 3.2: parameters must not come twice. An audience may: there are APIs beside Kinde's own. */
function assertOnce(form: URLSearchParams): void {
  const twice = [...form.keys()].find((name) => name !== "audience" && form.getAll(name).length > 1);
  if (twice !== undefined) throw new OauthError(400, "invalid_request", `The form has ${twice} twice.`);
}

function wrongGrant(grant: string | null): OauthError {
  return grant === null
    ? new OauthError(400, "invalid_request", "The form has no grant_type; expected client_credentials.")
    : new OauthError(
        400,
        "unsupported_grant_type",
        "Only client_credentials is imitated here: people log in at a real Kinde environment.",
      );
}

/** The client that asks, by its header or by the form, not by both. */
function authenticate(request: IncomingMessage, form: URLSearchParams, known: Client | undefined): Client {
  const byHeader = readBasic(request.headers.authorization);
  const [id, secret] = [form.get("client_id"), form.get("client_secret")];
  if (
    byHeader !== undefined &&
    (secret !== null || (id !== null && byHeader.every((one) => one.id !== id)))
  ) {
    throw new OauthError(400, "invalid_request", "The client is named twice: by header and by form.");
  }
  const readings = byHeader ?? (id !== null && secret !== null ? [{ id, secret }] : []);
  const [given] = readings;
  if (given === undefined || given.id === "" || given.secret === "") {
    throw new OauthError(
      401,
      "invalid_client",
      "There are no client_id and client_secret, in form or header.",
    );
  }
  if (known === undefined) return given;
  if (readings.some((reading) => isSame(reading, known))) return known;
  throw new OauthError(
    401,
    "invalid_client",
    "This client is not the one of --client (in the library: client).",
  );
}

/**
 * What a Basic header may mean: RFC 6749, section 2.3.1, has both parts encoded as in a form, and many clients send them
 * as they are.
 * @returns `undefined` without such a header, none when it can't be read
 */
function readBasic(header: string | undefined): readonly Client[] | undefined {
  const [, encoded] = /^Basic +(.*)$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = /^[\w+/=-]+$/.test(encoded) ? Buffer.from(encoded, "base64").toString() : "";
  const [, id = "", secret = ""] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (id === "" || secret === "") return [];
  return [
    { id: decodeForm(id), secret: decodeForm(secret) },
    { id, secret },
  ];
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

// RFC 6749, section 3.3.
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Those that are asked for; without any, all that the calls of this issuer need, as a Kinde application has all of its own. */
function parseScopes(scope: string | null): readonly string[] {
  const scopes = (scope ?? "").split(" ").filter((name) => name !== "");
  if (scopes.length === 0) return managementScopes;
  if (scopes.every((name) => scopePattern.test(name))) return [...new Set(scopes)];
  throw new OauthError(400, "invalid_scope", "The scope has characters that none may have.");
}

function isSame(given: Client, known: Client): boolean {
  const hash = ({ id, secret }: Client): Buffer =>
    createHash("sha256")
      .update(JSON.stringify([id, secret]))
      .digest();
  return timingSafeEqual(hash(given), hash(known));
}
