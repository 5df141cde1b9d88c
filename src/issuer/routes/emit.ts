/** `POST /_devhook/api/emit`: an event on behalf of another process, or of the inspector's page. */
import { Router } from "express";
import { parseEmitRequest, parseTo } from "../../mock/emit-request.ts";
import { NoWebhookError } from "../../mock/errors.ts";
import type { EmitRequest, Mock } from "../../mock/mock.ts";
import { readBody } from "./read-body.ts";

/** @param emit `undefined` where nothing is emitted on behalf of others */
export function createEmitRoutes(emit: Mock["emit"] | undefined): Router {
  const router = Router();
  router.post("/emit", readBody(), async (request, response) => {
    const emitRequest = readEmitRequest(request.body);
    if (emit === undefined) throw new NoWebhookError();
    const { deliveries } = await emit(emitRequest);
    response.json({ deliveries });
  });
  return router;
}

function readEmitRequest(body: unknown): EmitRequest {
  const to = parseTo(body, "the body");
  return { ...parseEmitRequest(body, "the body"), ...(to !== undefined && { to }) };
}
