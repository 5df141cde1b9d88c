import { isJsonObject, type JsonValue } from "../../../kinde/json.ts";

export interface ChangedPath {
  /** As people write it: `data.user.roles[0].key`, with `["a.b"]` for a key that is no word; `""` is the whole. */
  readonly path: string;
  readonly change: "added" | "changed" | "removed";
}

/** What differs between two values, in the order of the first, then what the second has beside. */
export function changedPaths(before: JsonValue, after: JsonValue, path = ""): ChangedPath[] {
  if (before === after) return [];
  const [old, fresh] = [partsOf(before), partsOf(after)];
  if (old === undefined || fresh === undefined || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, change: "changed" }];
  }
  const stay = Object.keys(old).flatMap((name): ChangedPath[] => {
    const inner = joinPath(path, name, Array.isArray(before));
    if (!Object.hasOwn(fresh, name)) return [{ path: inner, change: "removed" }];
    return changedPaths(old[name]!, fresh[name]!, inner);
  });
  const added = Object.keys(fresh)
    .filter((name) => !Object.hasOwn(old, name))
    .map((name): ChangedPath => ({ path: joinPath(path, name, Array.isArray(after)), change: "added" }));
  return [...stay, ...added];
}

function partsOf(value: JsonValue): Readonly<Record<string, JsonValue>> | undefined {
  if (Array.isArray(value)) return value as unknown as Record<string, JsonValue>;
  return isJsonObject(value) ? value : undefined;
}

/** A path with one part more. */
export function joinPath(path: string, name: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${name}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
