export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** True for an object that is neither `null` nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Kinde's own claims are five deep, and masked ones 64 at most. With --allow-unverified anybody may send deeper ones.
const maxDepth = 128;

/**
 * The object that a value is; `undefined` for another value, and for one that is nested so deeply that whoever looks
 * through it, JSON.stringify too, could overflow the stack.
 */
export function asShallowObject(value: unknown): JsonObject | undefined {
  return isJsonObject(value) && !isDeeper(value, maxDepth) ? value : undefined;
}

/**
 * JSON with its keys in alphabetical order at every level, as Kinde writes its claims.
 * A replacer can't do it: JavaScript lists integer-like keys first whatever order they were added in.
 * @param indent spaces for each level, for people; without it no white space at all
 */
export function stringifySorted(value: JsonValue, indent = 0, depth = 0): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Array.isArray(value)
    ? value.map((item) => stringifySorted(item, indent, depth + 1))
    : Object.keys(value)
        .sort()
        .map((key) => {
          const colon = indent === 0 ? ":" : ": ";
          return JSON.stringify(key) + colon + stringifySorted(value[key]!, indent, depth + 1);
        });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (indent === 0 || members.length === 0) return `${open}${members.join(",")}${close}`;
  const margin = `\n${" ".repeat(indent * depth)}`;
  const inner = `${margin}${" ".repeat(indent)}`;
  return `${open}${inner}${members.join(`,${inner}`)}${margin}${close}`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
