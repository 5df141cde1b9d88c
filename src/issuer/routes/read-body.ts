import { json, type Request, type RequestHandler } from "express";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { describeValue } from "../../kinde/parse-option.ts";

const defaultMaxBytes = 1 << 20;

/** Reads a body that is JSON, or refuses it. */
export function readBody(maxBytes: number = defaultMaxBytes): RequestHandler {
  const readJson = json({ limit: maxBytes, strict: true });
  return (request, response, next) => {
    assertJson(request);
    readJson(request, response, next);
  };
}

/** `curl -d` calls a body a form: unread, it would be taken for none, and what it asks for passed over. */
function assertJson(request: Request): void {
  // Where there is none it is `null`, but for one of a length that is told: 0.
  if (request.is("json") !== false || request.headers["content-length"] === "0") return;
  throw new InvalidOptionError(
    "the body",
    "JSON with content-type application/json",
    describeValue(request.headers["content-type"]),
    `With curl: -H "content-type: application/json".`,
  );
}
