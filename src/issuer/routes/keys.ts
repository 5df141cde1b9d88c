/** `/_devhook/api/keys`: the keys there are, rotated and retired while the issuer runs. */
import { json, Router } from "express";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { isJsonObject } from "../../kinde/json.ts";
import { describeValue, isText, parseOption, parseOptions } from "../../kinde/parse-option.ts";
import type { RotatableKeys } from "../../kinde/signing-keys.ts";

/** What `POST` takes. */
type KeyAction =
  | { readonly action: "rotate" }
  /** @param kid a key id, or the beginning of one; all that were rotated without it */
  | { readonly action: "retire"; readonly kid: string | undefined };

const maxBodyBytes = 1 << 16;

export function createKeyRoutes(keys: RotatableKeys): Router {
  const router = Router();
  // The JWKS has the public parts, and nobody else is to have the private one.
  const listed = () => ({
    keys: keys.list().map(({ kid, state, createdAt, rotatedAt }) => ({ kid, state, createdAt, rotatedAt })),
  });
  router.get("/", (_request, response) => {
    response.json(listed());
  });
  router.post("/", json({ limit: maxBodyBytes, strict: true }), async (request, response) => {
    const asked = parseAction(request.body);
    if (asked.action === "rotate") await keys.rotate();
    else keys.retire(asked.kid === undefined ? [] : [asked.kid]);
    response.json(listed());
  });
  return router;
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` */
function parseAction(body: unknown): KeyAction {
  if (!isJsonObject(body)) {
    throw new InvalidOptionError("the body", '{ "action": "rotate" } or "retire"', describeValue(body));
  }
  const { action, kid } = parseOptions(body, "the body", ["action", "kid"]);
  if (action === "rotate" && kid === undefined) return { action };
  if (action === "rotate") throw new InvalidOptionError("kid of the body", "none beside rotate", "one");
  if (action === "retire") {
    return {
      action,
      kid: kid === undefined ? undefined : parseOption("kid of the body", kid, "a key id", isText),
    };
  }
  throw new InvalidOptionError("action of the body", "rotate or retire", describeValue(action));
}
