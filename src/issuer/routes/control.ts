/** The control API under `/_devhook/api`: what other processes of the project ask of the one that serves. */
import { Router, type RequestHandler } from "express";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Delivery } from "../../delivery/delivery.ts";
import type { RotatableKeys } from "../../kinde/signing-keys.ts";
import type { Mock } from "../../mock/mock.ts";
import { hasOwnOrigin, hasToken } from "../guard.ts";
import { foreignOrigin, refuse } from "../refuse.ts";
import type { Tickets } from "../tickets.ts";
import { createDeliveryRoutes, type DeliveryRoutesOptions } from "./deliveries.ts";
import { createEmitRoutes } from "./emit.ts";
import { createEventTypeRoutes } from "./event-types.ts";
import { createKeyRoutes } from "./keys.ts";
import { createMockControlRoutes, type MockControl } from "./mock-control.ts";
import { createSessionRoutes } from "./session.ts";

export interface ControlOptions extends Pick<
  DeliveryRoutesOptions,
  "history" | "describe" | "shown" | "replay"
> {
  /** The directory that names the project; `null` when there is none. */
  readonly project: string | null;
  readonly keys: RotatableKeys;
  /** The bearer token that all calls but `health` need. */
  readonly token: string;
  /** What the page of the inspector gets the token for. Absent where there is no page. */
  readonly tickets?: Pick<Tickets, "redeem"> | undefined;
  /** How the process is. Absent where nobody looks at it. */
  readonly status?: (() => object) | undefined;
  /** Absent when nothing is emitted on behalf of others: `emit` serves the JWKS only. Default: the mock's. */
  readonly emit?: Mock["emit"] | undefined;
  /** Deliveries under way, which the history need not have yet. Default: the mock's. */
  readonly underWay?: (() => readonly Delivery[]) | undefined;
  readonly mock?: MockControl | undefined;
  /** Stops serving soon, for another process of the project. Absent where that can't be. */
  readonly handOver?: () => void;
  /** Keeps a request open until the issuer is about to close. */
  readonly untilClosing: (request: IncomingMessage, response: ServerResponse) => void;
}

export function createControlRoutes(options: ControlOptions): Router {
  const { mock, token, tickets, status } = options;
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
  if (tickets !== undefined) router.use(createSessionRoutes(tickets, token));
  router.use(requireToken(token));
  const underWay = options.underWay ?? mock?.pending ?? (() => []);
  const untilEnded = mock?.untilEnded ?? (() => undefined);
  router.use("/deliveries", createDeliveryRoutes({ ...options, underWay, untilEnded }));
  router.use(createEmitRoutes(options.emit ?? mock?.emit));
  router.use(createMockControlRoutes(mock));
  router.use(createEventTypeRoutes());
  if (status !== undefined) {
    router.get("/status", (_request, response) => {
      response.json(status());
    });
  }
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
  const message = `The control API has no ${method} ${path} here. /_devhook/openapi.json tells what there is, and which of it a mock alone has.`;
  response.status(404).json({ errors: [{ code: "ERR_UNKNOWN_ROUTE", message }] });
};

const requireOwnOrigin: RequestHandler = (request, response, next) => {
  if (hasOwnOrigin(request)) next();
  else refuse(response, foreignOrigin);
};

function requireToken(token: string): RequestHandler {
  return (request, response, next) => {
    if (hasToken(request, token)) next();
    else refuse(response, noToken);
  };
}

const noToken = {
  status: 401,
  code: "ERR_CONTROL_TOKEN",
  message: "The control API needs the token of .kinde-devhook/run/<port>.json as a bearer token.",
} as const;
