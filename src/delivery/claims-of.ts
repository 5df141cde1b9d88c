import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { readClaims } from "../kinde/verify.ts";
import type { Delivery } from "./delivery.ts";

/** What a delivery's token says, masked where the delivery is redacted; `undefined` for what is no token. Nothing is verified. */
export function claimsOf({ token, claims }: Pick<Delivery, "token" | "claims">): JsonObject | undefined {
  const said = claims ?? readClaims(token);
  return isJsonObject(said) ? said : undefined;
}
