import { Router } from "express";
import { hasOwnOrigin } from "../guard.ts";
import openapi from "../openapi.json" with { type: "json" };
import { foreignOrigin, refuse } from "../refuse.ts";

/** `GET /_devhook/openapi.json`: the control API, described. It says nothing of this machine, and needs no token. */
export function createOpenapiRoutes(): Router {
  const router = Router();
  router.get("/_devhook/openapi.json", (request, response) => {
    if (!hasOwnOrigin(request)) refuse(response, foreignOrigin);
    else response.json({ ...openapi, info: { ...openapi.info, version: __VERSION__ } });
  });
  return router;
}
