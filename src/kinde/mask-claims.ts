/** The claims of an event without what they tell of a person. */
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { maskOfMember, type Mask } from "./personal-members.ts";
import type { PersonalValue } from "./find-values.ts";
import { createTextMask, maskPatterns, type TextMask } from "./text-mask.ts";

export interface MaskedClaims {
  /** Ids and what the event is stay: what is recorded is found by them. */
  readonly claims: JsonObject;
  /** Masks the same values, and what looks personal, in any text. */
  readonly maskText: TextMask;
}

/** What every event has, whoever it is about. */
const envelope = new Set(["event_id", "event_timestamp", "source", "timestamp", "type"]);
// Kinde's own are five deep. What is deeper could overflow the stack.
const maxDepth = 64;

export function maskClaims(claims: JsonObject): MaskedClaims {
  const values: PersonalValue[] = [];
  collect(claims, undefined, undefined, values, 0);
  const maskText = createTextMask(values);
  const masked = maskValue(claims, undefined, undefined, maskText, 0) as JsonObject;
  const kept = Object.entries(claims).filter(
    ([name, value]) => envelope.has(name) && typeof value === "string",
  );
  return { claims: { ...masked, ...Object.fromEntries(kept) }, maskText };
}

/** @param inherited what everything in it is, as in `phones: ["…"]` */
function collect(
  value: JsonValue,
  inherited: Mask | undefined,
  holder: string | undefined,
  found: PersonalValue[],
  depth: number,
): void {
  if (depth > maxDepth) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, inherited, holder, found, depth + 1);
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      collect(member, maskOf(name, holder, inherited), name, found, depth + 1);
    }
  } else if (inherited !== undefined && isTelling(value)) {
    found.push({ text: String(value), mask: inherited });
  }
}

/** Of `phone: { type, number }` the number alone is somebody's. */
const ofNobody = new Set(["id", "type", "kind", "status"]);

function maskOf(name: string, holder: string | undefined, inherited: Mask | undefined): Mask | undefined {
  return maskOfMember(name, holder) ?? (ofNobody.has(name) ? undefined : inherited);
}

function maskValue(
  value: JsonValue,
  mask: Mask | undefined,
  holder: string | undefined,
  maskText: TextMask,
  depth: number,
): JsonValue {
  if (typeof value === "object" && value !== null && depth > maxDepth) return "[masked]";
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask, holder, maskText, depth + 1));
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, member]) => [
      // A name of a member may be a person's by chance: `user`.
      maskPatterns(name),
      maskValue(member, maskOf(name, holder, mask), name, maskText, depth + 1),
    ]);
    return Object.fromEntries(members) as JsonObject;
  }
  if (mask !== undefined && isTelling(value)) return mask;
  return typeof value === "string" ? maskText(value) : value;
}

/** Whether there is a value at all: what is empty, or true or false, is nobody's. */
function isTelling(value: JsonValue): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "");
}
