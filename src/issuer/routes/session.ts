/** `POST /_devhook/api/session`: what a page gets for the ticket in the URL that it was opened with. */
import { Router } from "express";
import { createOptionReader, isText, parseOption } from "../../kinde/parse-option.ts";
import { isJsonObject } from "../../kinde/json.ts";
import { foreignOrigin, refuse } from "../refuse.ts";
import { isOfOwnPage } from "../guard.ts";
import type { Tickets } from "../tickets.ts";
import { readBody } from "./read-body.ts";

const maxBodyBytes = 1 << 10;

/** @param token the control token */
export function createSessionRoutes(tickets: Pick<Tickets, "redeem">, token: string): Router {
  const router = Router();
  router.post(
    "/session",
    (request, response, next) => {
      if (isOfOwnPage(request)) next();
      else refuse(response, foreignOrigin);
    },
    readBody(maxBodyBytes),
    (request, response) => {
      const body = parseOption("the body", request.body as unknown, '{ "ticket" }', isJsonObject);
      const ticket = createOptionReader(body, "the body")("ticket", "the text behind #t= of the URL", isText);
      response.setHeader("cache-control", "no-store");
      if (ticket !== undefined && tickets.redeem(ticket)) response.json({ token });
      else refuse(response, usedTicket);
    },
  );
  return router;
}

const usedTicket = {
  status: 401,
  code: "ERR_TICKET",
  message:
    "This URL was opened before, or is of an earlier start: it lets one page in, once. Open the one that was printed last, or press o in the terminal.",
} as const;
