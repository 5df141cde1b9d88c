export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** True for an object that is neither `null` nor an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON without white space, keys in alphabetical order at every level, as Kinde writes its claims.
 * A replacer can't do it: JavaScript lists integer-like keys first whatever order they were added in.
 */
export function stringifySorted(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(stringifySorted).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stringifySorted(value[key]!)}`);
  return `{${members.join(",")}}`;
}
