/** The control API under `/_devhook/api`: what other processes of the project ask of the one that serves. */
import { json, Router, type RequestHandler } from "express";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Delivery } from "../../delivery/delivery.ts";
import type { History } from "../../history/history.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { Webhook } from "../../kinde/webhook.ts";
import { parseEmitRequest, parseTo } from "../../mock/emit-request.ts";
import { NoWebhookError, type EmitRequest } from "../../mock/mock.ts";
import { hasOwnOrigin, hasToken } from "../guard.ts";

export interface ControlOptions {
  /** The directory that names the project; `null` when there is none. */
  readonly project: string | null;
  readonly keyIds: readonly string[];
  /** The bearer token that all calls but `health` need. */
  readonly token: string;
  readonly history: History;
  /** Absent when nothing is emitted on behalf of others: `emit` serves the JWKS only. */
  readonly emit?: (request: EmitRequest) => Promise<readonly Delivery[]>;
  /** Those of a mock as they are now. Absent where there is none. */
  readonly webhooks?: (() => readonly Webhook[]) | undefined;
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
    const emitRequest = parseEmitRequest(request.body, "the body");
    const to = parseTo(request.body, "the body");
    if (options.emit === undefined) throw new NoWebhookError();
    response.json({ deliveries: await options.emit({ ...emitRequest, ...(to !== undefined && { to }) }) });
  });
  router.get("/webhooks", (_request, response) => {
    const webhooks = options.webhooks?.() ?? [];
    response.json({
      webhooks: webhooks.map(({ id, endpoint, eventTypes }) => ({ id, endpoint, eventTypes })),
    });
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
