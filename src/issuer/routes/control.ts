/** The control API under `/_devhook/api`: what other processes of the project ask of the one that serves. */
import { json, Router, type RequestHandler } from "express";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Delivery } from "../../delivery/delivery.ts";
import type { History } from "../../history/history.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { parseEventType } from "../../kinde/event-types.ts";
import { isJsonObject } from "../../kinde/json.ts";
import type { Assignments } from "../../kinde/overrides.ts";
import { parseEventSource } from "../../kinde/events.ts";
import { NoWebhookError, type EmitRequest } from "../../mock/mock.ts";
import { hasOwnOrigin, hasToken } from "../guard.ts";

export interface ControlOptions {
  /** The directory that names the project. */
  readonly project: string;
  readonly keyIds: readonly string[];
  /** The bearer token that all calls but `health` need. */
  readonly token: string;
  readonly history: History;
  /** Absent when nothing is emitted on behalf of others: `emit` serves the JWKS only. */
  readonly emit?: (request: EmitRequest) => Promise<readonly Delivery[]>;
  /** Stops serving soon, for another process of the project. Absent where that can't be. */
  readonly handOver?: () => void;
  /** Keeps a request open until the issuer is about to close. */
  readonly untilClosing: (request: IncomingMessage, response: ServerResponse) => void;
}

const maxBodyBytes = 1 << 20;
const maxListed = 1_000;

export function createControlRoutes(options: ControlOptions): Router {
  const router = Router();
  router.use(requireOwnOrigin);
  router.get("/health", (_request, response) => {
    response.json({
      name: "kinde-devhook",
      version: __VERSION__,
      project: options.project,
      pid: process.pid,
      keyIds: options.keyIds,
    });
  });
  router.use(requireToken(options.token));
  router.get("/deliveries", async (request, response) => {
    const limit = parseLimit(request.query["limit"]);
    response.json({ deliveries: await options.history.list({ limit }) });
  });
  router.post("/emit", json({ limit: maxBodyBytes, strict: true }), async (request, response) => {
    const emitRequest = parseEmitRequest(request.body);
    if (options.emit === undefined) throw new NoWebhookError();
    response.json({ deliveries: await options.emit(emitRequest) });
  });
  const { handOver } = options;
  if (handOver !== undefined) {
    router.post("/hand-over", (_request, response) => {
      response.status(202).end();
      handOver();
    });
  }
  router.get("/until-closing", (request, response) => options.untilClosing(request, response));
  return router;
}

/**
 * Narrows the body of `POST emit`: `type`, and what `EmitRequest` has beside it.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 */
function parseEmitRequest(body: unknown): EmitRequest {
  if (!isJsonObject(body)) throw new InvalidOptionError("the body", "a JSON object", typeof body);
  const { type, source, data, set, unset, webhookId, timeoutMs, expectedStatus } = body;
  return {
    type: parseEventType(parse("type", type, "an event type", isText)),
    ...(source !== undefined && {
      source: parseEventSource(parse("source", source, "text", isText), "source"),
    }),
    ...(data !== undefined && { data: parse("data", data, "an object", isJsonObject) }),
    ...(set !== undefined && {
      set: parse("set", set, "an object of paths and values, or pairs of them", isAssignments),
    }),
    ...(unset !== undefined && { unset: parse("unset", unset, "an array of paths", isTextArray) }),
    ...(webhookId !== undefined && {
      webhookId: parse("webhookId", webhookId, "visible ASCII text", isHeaderValue),
    }),
    ...(timeoutMs !== undefined && {
      timeoutMs: parse("timeoutMs", timeoutMs, "milliseconds from 1 to 3600000", isTimeout),
    }),
    ...(expectedStatus !== undefined && {
      expectedStatus: parse("expectedStatus", expectedStatus, "a status from 200 to 599", isStatus),
    }),
  };
}

function parse<Value>(
  name: string,
  value: unknown,
  expected: string,
  is: (value: unknown) => value is Value,
): Value {
  if (is(value)) return value;
  throw new InvalidOptionError(name, expected, JSON.stringify(value) ?? "nothing");
}

const isText = (value: unknown): value is string => typeof value === "string";
const isAssignments = (value: unknown): value is Assignments =>
  isJsonObject(value) ||
  (Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && isText(pair[0])));
const isTextArray = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isHeaderValue = (value: unknown): value is string =>
  isText(value) && /^[\x21-\x7e]{1,256}$/.test(value);
const isTimeout = (value: unknown): value is number =>
  typeof value === "number" && value >= 1 && value <= 3_600_000;
const isStatus = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= 599;

function parseLimit(value: unknown): number {
  if (value === undefined) return 100;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxListed) return limit;
  throw new InvalidOptionError("limit", `a whole number from 1 to ${maxListed}`, JSON.stringify(value));
}

const requireOwnOrigin: RequestHandler = (request, response, next) => {
  if (hasOwnOrigin(request)) next();
  else {
    response.status(403).json({
      errors: [
        { code: "ERR_FOREIGN_ORIGIN", message: "Pages of other origins may not use the control API." },
      ],
    });
  }
};

function requireToken(token: string): RequestHandler {
  return (request, response, next) => {
    if (hasToken(request, token)) next();
    else {
      response.status(401).json({
        errors: [
          {
            code: "ERR_CONTROL_TOKEN",
            message: "The control API needs the token of .kinde-devhook/run/<port>.json as a bearer token.",
          },
        ],
      });
    }
  };
}
