import { isJsonObject, type JsonObject } from "../kinde/json.ts";
import { readClaims } from "../kinde/verify.ts";
import type { Delivery } from "./delivery.ts";

// Kinde's own are five deep, and masked ones 64 at most. With --allow-unverified anybody may send deeper ones, and whoever
// goes through all of these, JSON.stringify too, overflows the stack.
const maxDepth = 128;

/**
 * What a delivery's token says, masked where the delivery is redacted; `undefined` for what is no token, or is nested too
 * deeply to be looked through. Nothing is verified.
 */
export function claimsOf({ token, claims }: Pick<Delivery, "token" | "claims">): JsonObject | undefined {
  const said = claims ?? readClaims(token);
  return isJsonObject(said) && !isDeeper(said, maxDepth) ? said : undefined;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
