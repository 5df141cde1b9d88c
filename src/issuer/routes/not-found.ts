import type { RequestHandler } from "express";

/** What Kinde answers to a route that it has not. */
export const answerNotFound: RequestHandler = (_request, response) => {
  response.status(404).json({
    errors: { code: "ROUTE_NOT_FOUND", message: "The local issuer has no such route." },
  });
};
