/** The data of an event, changed so that an app which believes it shows it: a text in it begins with a prefix. */
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** Whatever comes first in it changed, an id too; with a member more when there is no text in it. */
export function tamperData(data: JsonObject): JsonObject {
  return prefixFirst(data, "tampered-", () => true) ?? { ...data, tampered: true };
}

/** An earlier state of the same thing: ids and dates stay. The same data where it has nothing else. */
export function olderData(data: JsonObject): JsonObject {
  return (
    prefixFirst(data, "older-", (path) => /\b(email|name|first_name|description|plan\.code)$/.test(path)) ??
    data
  );
}

/** @param isWanted told the path of a text: `.user.email`, `.user.organizations.0.code` */
function prefixFirst(
  data: JsonObject,
  prefix: string,
  isWanted: (path: string) => boolean,
): JsonObject | undefined {
  return changeFirst(data, (text, path) => (isWanted(path) ? prefix + text : undefined)) as
    | JsonObject
    | undefined;
}

/** A copy in which the first text that `change` changes is changed; `undefined` when there is none. */
function changeFirst(
  value: JsonValue,
  change: (text: string, path: string) => string | undefined,
  path = "",
): JsonValue | undefined {
  if (typeof value === "string") return change(value, path);
  if (!isJsonObject(value) && !Array.isArray(value)) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const changed = changeFirst(member, change, `${path}.${key}`);
    if (changed === undefined) continue;
    return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
  }
  return undefined;
}
