/** Every route of the local issuer but the JWKS, as one Express app. */
import express, { type ErrorRequestHandler } from "express";
import type { RequestListener } from "node:http";
import { AmbiguousIdError } from "../../history/find-delivery.ts";
import { isUserError } from "../../kinde/errors.ts";
import { createControlRoutes, type ControlOptions } from "./control.ts";
import { createDiscoveryRoutes } from "./discovery.ts";
import { answerSlips, createManagementRoutes, type ManagementOptions } from "./management.ts";
import { answerNotFound } from "./not-found.ts";
import { createOauthRoutes, type OauthOptions } from "./oauth.ts";
import { createOpenapiRoutes } from "./openapi.ts";
import { redirectTo } from "./redirect.ts";
import { ManagementError } from "./webhook-body.ts";

export interface MockRoutesOptions {
  readonly oauth: OauthOptions;
  readonly management: ManagementOptions;
}

export interface RoutesOptions {
  readonly control: ControlOptions;
  /** What Kinde answers beside its keys. Absent where that is not imitated: it is the mock's business. */
  readonly mock?: MockRoutesOptions | undefined;
  /** Whose the paths are that the local issuer has not. */
  readonly realIssuer?: string | undefined;
}

export function createRoutes({ control, mock, realIssuer }: RoutesOptions): RequestListener {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // The rules on Host, Origin and token look at paths as they are written; so must the routes.
  app.enable("case sensitive routing");
  // People put a slash after the issuer's URL; their clients then ask for //.well-known/…
  app.use((request, _response, next) => {
    request.url = request.url.replace(/^\/{2,}/, "/");
    next();
  });
  app.use("/_devhook/api", createControlRoutes(control));
  app.use(createOpenapiRoutes());
  app.use(createDiscoveryRoutes());
  if (mock !== undefined) {
    app.use(createOauthRoutes(mock.oauth, realIssuer !== undefined));
    app.use("/api/v1", createManagementRoutes(mock.management));
  }
  if (mock !== undefined) app.use(answerSlips);
  if (realIssuer !== undefined) app.use(redirectTo(realIssuer));
  app.use(answerNotFound);
  const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, ...described } = describeError(error);
    response.status(status).json({ errors: [described] });
  };
  app.use(answerError);
  return app;
}

/** What the state of things does not allow, or does not have; what else the caller did wrong is 400. */
const statusOf: Readonly<Record<string, number>> = {
  ERR_UNKNOWN_DELIVERY: 404,
  ERR_REDACTED: 409,
  ERR_REPLAY_NOT_VERIFIED: 409,
};

interface DescribedError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The ids that an ambiguous one may mean. */
  readonly candidates?: readonly string[];
}

function describeError(error: unknown): DescribedError {
  if (error instanceof ManagementError) {
    return { status: error.status, code: error.code, message: error.message };
  }
  if (error instanceof AmbiguousIdError) {
    return { status: 409, code: error.code, message: error.message, candidates: error.candidates };
  }
  if (isUserError(error)) {
    return { status: statusOf[error.code] ?? 400, code: error.code, message: error.message };
  }
  if (error instanceof URIError) {
    const message = "Failed to read the path: what stands behind a % in it is no character.";
    return { status: 400, code: "ERR_INVALID_PATH_ENCODING", message };
  }
  // Express' own parsers mark what the client did wrong with a status.
  if (error instanceof Error && "status" in error && typeof error.status === "number" && error.status < 500) {
    return {
      status: error.status,
      code: "ERR_INVALID_BODY",
      message: `Failed to read the body: ${error.message}.`,
    };
  }
  return {
    status: 500,
    code: "ERR_INTERNAL",
    message: error instanceof Error ? error.message : String(error),
  };
}
