/**
 * The part of Kinde's Management API that concerns webhooks and events.
 * Source: Kinde's published API description, 2026-08. The `code` and `message` of answers about webhooks, and of most
 * errors, stand nowhere: they are our reading.
 */
import { json, Router, type ErrorRequestHandler, type RequestHandler } from "express";
import type { IncomingMessage } from "node:http";
import { judgeAccessToken } from "../../kinde/access-token.ts";
import { eventSchema } from "../../kinde/event-schema.ts";
import { eventTypes } from "../../kinde/event-types.ts";
import { createEventTypeId } from "../../kinde/ids.ts";
import { followJwks } from "../../kinde/jwks.ts";
import type { SigningKeys } from "../../kinde/signing-keys.ts";
import { decodeToken } from "../../kinde/verify.ts";
import type { RegisteredWebhook } from "../../kinde/webhook.ts";
import type { RateLimit } from "../../mock/rate-limit.ts";
import type { WebhookRegistry } from "../../mock/webhook-registry.ts";
import { isLoopbackHost } from "../../net/loopback.ts";
import { answerNotFound } from "./not-found.ts";
import { calledOrigin } from "../called-origin.ts";
import { ManagementError, parseWebhookChange, parseWebhookOrder, type WebhookRules } from "./webhook-body.ts";

export interface ManagementOptions extends WebhookRules {
  readonly webhooks: WebhookRegistry;
  /** How many webhooks there may be; a free plan has one. Default: any number. */
  readonly maxWebhooks?: number | undefined;
  /** Which calls are refused as too many. */
  readonly rateLimit: RateLimit;
  /** The token of an event that was produced here, by the event's id. */
  readonly findToken: (eventId: string) => Promise<string | undefined>;
  /** What access tokens are signed with. */
  readonly signingKeys: SigningKeys;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const maxBodyBytes = 1 << 20;
const ok = { code: "OK", message: "Success" };
const ownPaths = ["/webhooks", "/webhook", "/events", "/event_types"];

export function createManagementRoutes(options: ManagementOptions): Router {
  const { webhooks, findToken } = options;
  const router = Router();
  const needs = (scope: string): RequestHandler => requireScope(scope, options);
  const readBody = json({ limit: maxBodyBytes, strict: true });

  router.use(ownPaths, refuseTooMany(options.rateLimit));
  router.get("/webhooks", needs("read:webhooks"), (_request, response) => {
    response.json({ ...ok, webhooks: webhooks.list().map(webhookJson) });
  });
  router.post("/webhooks", needs("create:webhooks"), readBody, (request, response) => {
    const order = parseWebhookOrder(bodyOf(request), options);
    assertRoom(webhooks.list().length, options.maxWebhooks);
    const { id, endpoint } = webhooks.create(order);
    // 200, not 201: so says the description.
    response.json({ code: "WEBHOOK_CREATED", message: "Webhook created", webhook: { id, endpoint } });
  });
  // Older docs write the path of one webhook in the singular.
  const paths = ["/webhooks/:id", "/webhook/:id"];
  router.patch(paths, needs("update:webhooks"), readBody, (request, response) => {
    const webhook = webhooks.update(idOf(request.params), parseWebhookChange(bodyOf(request)));
    if (webhook === undefined) throw unknownWebhook(idOf(request.params));
    response.json({ code: "WEBHOOK_UPDATED", message: "Webhook updated", webhook: { id: webhook.id } });
  });
  router.delete(paths, needs("delete:webhooks"), (request, response) => {
    if (!webhooks.remove(idOf(request.params))) throw unknownWebhook(idOf(request.params));
    response.json({ code: "WEBHOOK_DELETED", message: "Webhook deleted" });
  });
  router.get("/events/:id", needs("read:events"), async (request, response) => {
    const token = await findToken(idOf(request.params));
    const event = token === undefined ? undefined : decodeToken(token);
    if (event === undefined) {
      throw new ManagementError(404, "EVENT_NOT_FOUND", `There is no event ${idOf(request.params)}.`);
    }
    const { type, source, event_id, timestamp, data } = event;
    response.json({ ...ok, event: { type, source, event_id, timestamp, data } });
  });
  router.get("/event_types", needs("read:event_types"), (_request, response) => {
    response.json({ ...ok, event_types: eventTypes.map(eventTypeJson) });
  });
  router.use(ownPaths, answerNotFound);
  router.use(answerParserError);
  return router;
}

const ownPath = new RegExp(`^/+api/+v1/*(${ownPaths.join("|")})(/|$)`, "i");

/** A slip in a call of ours, a slash too many or a capital, must not become a call of the real Kinde's. */
export const answerSlips: RequestHandler = (request, response, next) => {
  if (ownPath.test(request.path)) answerNotFound(request, response, next);
  else next();
};

/** What a parser found wrong with the request, told as this API tells everything. */
const answerParserError: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const isParser = error instanceof Error && !(error instanceof ManagementError) && "status" in error;
  if (!isParser || Number(error.status) >= 500) next(error);
  else {
    const code = "type" in error ? "BODY_INVALID" : "REQUEST_INVALID";
    next(new ManagementError(Number(error.status) === 413 ? 413 : 400, code, error.message));
  }
};

/** Before anything else is looked at: so do those who guard an API from too many calls. */
function refuseTooMany(rateLimit: RateLimit): RequestHandler {
  return (_request, response, next) => {
    const resetSeconds = rateLimit.take();
    if (resetSeconds === undefined) {
      next();
      return;
    }
    response.set("RateLimit-Reset", String(resetSeconds));
    throw new ManagementError(
      429,
      "TOO_MANY_REQUESTS",
      `Too many calls, as was asked for; try again in ${resetSeconds} s.`,
    );
  };
}

/** Opens a call to tokens that were issued here and have its scope. */
function requireScope(scope: string, { signingKeys, now }: ManagementOptions): RequestHandler {
  const keys = followJwks("this mock", signingKeys.jwks);
  return async (request, _response, next) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const isIssuer = (issuer: string): boolean => isIssuerOf(request, issuer);
    const refusal = await judgeAccessToken(token, { scope, keys, isIssuer, now: now() });
    if (refusal === undefined) next();
    else throw new ManagementError(403, refusal.code, refusal.message);
  };
}

/** Whether an issuer is this one, by the name under which it is called or by another of this machine's. */
function isIssuerOf(request: IncomingMessage, issuer: string): boolean {
  if (issuer === calledOrigin(request)) return true;
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  return url !== undefined && isLoopbackHost(url.hostname) && Number(url.port) === request.socket.localPort;
}

function assertRoom(count: number, max: number | undefined): void {
  if (max === undefined || count < max) return;
  throw new ManagementError(
    400,
    "WEBHOOK_LIMIT_REACHED",
    `There ${count === 1 ? "is 1 webhook" : `are ${count} webhooks`}, and --max-webhooks (in the library: maxWebhooks) allows ${max}. Delete one first, as on a free plan.`,
  );
}

function unknownWebhook(id: string): ManagementError {
  return new ManagementError(404, "WEBHOOK_NOT_FOUND", `There is no webhook ${id}.`);
}

function webhookJson({ id, name, endpoint, description, eventTypes: types, createdOn }: RegisteredWebhook) {
  return { id, name, endpoint, description, event_types: types, created_on: createdOn };
}

function eventTypeJson(code: (typeof eventTypes)[number]) {
  return {
    id: createEventTypeId(code),
    code,
    name: nameOf(code),
    origin: "kinde",
    schema: eventSchema(code),
  };
}

/** `user.created` as `User created`. */
function nameOf(code: string): string {
  const words = code.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The body as it was parsed; the parser makes an empty object of no bytes. */
function bodyOf(request: IncomingMessage & { readonly body?: unknown }): unknown {
  return request.headers["content-length"] === "0" ? undefined : request.body;
}

function idOf(params: object): string {
  return "id" in params && typeof params.id === "string" ? params.id : "";
}
