/** Who may ask the local issuer what: the rules on Host, Origin and the control token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost } from "../net/loopback.ts";
import { calledOrigin } from "./called-origin.ts";

/**
 * Whether the Host header names this machine. A page that rebinds its own name to 127.0.0.1 sends its own name.
 */
export function hasLoopbackHost(request: IncomingMessage): boolean {
  const host = request.headers.host;
  return host !== undefined && /^[\w.:[\]-]+$/.test(host) && isLoopbackHost(host.replace(/:\d+$/, ""));
}

/** Lets pages of this machine read the issuer's answers, and no others. @returns false when the request was a preflight, now answered */
export function allowLoopbackOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  response.setHeader("vary", "origin");
  if (origin === undefined || !isLoopbackOrigin(origin)) return true;
  response.setHeader("access-control-allow-origin", origin);
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
    return true;
  }
  response.writeHead(204, {
    "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
    "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "",
    "access-control-max-age": "600",
  });
  response.end();
  return false;
}

/** Whether the request comes from no page, or from one of this very issuer. */
export function hasOwnOrigin(request: IncomingMessage): boolean {
  const { origin } = request.headers;
  return origin === undefined || origin === calledOrigin(request);
}

/** Whether the request comes from a page of this very issuer: browsers tell the origin of whatever changes something. */
export function isOfOwnPage(request: IncomingMessage): boolean {
  return request.headers.origin === calledOrigin(request);
}

/** Whether the request carries the control token as a bearer token. */
export function hasToken(request: IncomingMessage, token: string): boolean {
  const [, given] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return given !== undefined && isSame(given, token);
}

/** Whether a WebSocket is asked for with the control token: `kinde-devhook, <token>` as the subprotocols on offer. */
export function hasTokenAsSubprotocol(request: IncomingMessage, token: string): boolean {
  const [name, given, ...others] = (request.headers["sec-websocket-protocol"] ?? "").split(/ *, */);
  return name === liveSubprotocol && given !== undefined && others.length === 0 && isSame(given, token);
}

/** What of the offer is selected; the token is never sent back. */
export const liveSubprotocol = "kinde-devhook";

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname);
}

function isSame(given: string, secret: string): boolean {
  // Hashes have one length, so that the comparison tells nothing of the secret's.
  return timingSafeEqual(sha256(given), sha256(secret));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
