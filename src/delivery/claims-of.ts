import { asShallowObject, type JsonObject } from "../kinde/json.ts";
import { readClaims } from "../kinde/verify.ts";
import type { Delivery } from "./delivery.ts";

/**
 * What a delivery's token says, masked where the delivery is redacted; `undefined` for what is no token, or is nested too
 * deeply to be looked through. Nothing is verified.
 */
export function claimsOf({ token, claims }: Pick<Delivery, "token" | "claims">): JsonObject | undefined {
  return asShallowObject(claims ?? readClaims(token));
}
