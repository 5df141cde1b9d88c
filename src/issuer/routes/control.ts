/** The control API under `/_devhook/api`: what other processes of the project ask of the one that serves. */
import { Router, type RequestHandler } from "express";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { History } from "../../history/history.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { RotatableKeys } from "../../kinde/signing-keys.ts";
import { hasOwnOrigin, hasToken } from "../guard.ts";
import { createKeyRoutes } from "./keys.ts";
import { createMockControlRoutes, type MockControl } from "./mock-control.ts";
import { answerUnknown } from "./unknown-id.ts";

export interface ControlOptions {
  /** The directory that names the project; `null` when there is none. */
  readonly project: string | null;
  readonly keys: RotatableKeys;
  /** The bearer token that all calls but `health` need. */
  readonly token: string;
  readonly history: History;
  /** Absent when nothing is emitted on behalf of others: `emit` serves the JWKS only. */
  readonly mock?: MockControl | undefined;
  /** Stops serving soon, for another process of the project. Absent where that can't be. */
  readonly handOver?: () => void;
  /** Keeps a request open until the issuer is about to close. */
  readonly untilClosing: (request: IncomingMessage, response: ServerResponse) => void;
}

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
      keyIds: options.keys.list().map(({ kid }) => kid),
    });
  });
  router.use(requireToken(options.token));
  router.get("/deliveries", async (request, response) => {
    const limit = parseLimit(request.query["limit"]);
    response.json({ deliveries: await options.history.list({ limit }) });
  });
  router.get("/deliveries/:id", async (request, response) => {
    const { id } = request.params;
    // Pending ones are the mock's; what has ended is in the history.
    const { mock, history } = options;
    const ended = parseUntil(request.query["until"]) === "ended" ? await mock?.untilEnded(id) : undefined;
    const delivery = ended ?? mock?.pending().find((each) => each.id === id) ?? (await history.get(id));
    if (delivery === undefined) answerUnknown(response, "delivery", id);
    else response.json({ delivery });
  });
  router.use(createMockControlRoutes(options.mock));
  router.use("/keys", createKeyRoutes(options.keys));
  const { handOver } = options;
  if (handOver !== undefined) {
    router.post("/hand-over", (_request, response) => {
      response.status(202).end();
      handOver();
    });
  }
  router.get("/until-closing", (request, response) => options.untilClosing(request, response));
  router.use(answerUnknownRoute);
  return router;
}

/** In the shape of its other errors, which is not that of Kinde's for a route that it has not. */
const answerUnknownRoute: RequestHandler = ({ method, path }, response) => {
  const message = `The control API has no ${method} ${path} here.`;
  response.status(404).json({ errors: [{ code: "ERR_UNKNOWN_ROUTE", message }] });
};

function parseLimit(value: unknown): number {
  if (value === undefined) return 100;
  const limit = Number(value);
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxListed) return limit;
  throw new InvalidOptionError("limit", `a whole number from 1 to ${maxListed}`, JSON.stringify(value));
}

function parseUntil(value: unknown): "ended" | undefined {
  if (value === undefined || value === "ended") return value;
  throw new InvalidOptionError("until", "ended, or nothing", JSON.stringify(value));
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
