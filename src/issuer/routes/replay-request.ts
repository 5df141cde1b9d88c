import type { ReplayEdits } from "../../delivery/replay.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { isJsonObject } from "../../kinde/json.ts";
import { createOptionReader, isText, isTexts, parseOptions } from "../../kinde/parse-option.ts";
import { parseEndpoint } from "../../mock/emit-request.ts";

/**
 * Narrows how a delivery is to be replayed: nothing, or the members of `ReplayRequest`.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function parseReplayRequest(body: unknown): ReplayEdits {
  const given = parseOptions(body, "the body", ["to", "set", "unset", "claims", "fresh", "sameId"]);
  const read = createOptionReader(given, "the body");
  const to = read("to", url, isText);
  const [isFresh, isSameId] = [
    read("fresh", "true or false", isBoolean),
    read("sameId", "true or false", isBoolean),
  ];
  if (isFresh === true && isSameId === true) {
    throw new InvalidOptionError(
      "sameId of the body",
      "none beside fresh, which makes another event",
      "both",
    );
  }
  return {
    to: to === undefined ? undefined : parseEndpoint(to, "to of the body", url),
    set: read("set", "an object of paths and values", isJsonObject),
    unset: read("unset", "an array of paths", isTexts),
    claims: read("claims", "an object", isJsonObject),
    isFresh,
    isSameId,
  };
}

const url = "a URL of http or https";

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
