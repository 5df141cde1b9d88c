/** Places inside claims, written as people write them: `user.email`, `user.organizations[0].code`, `timestamp`. */
import { closest } from "./closest.ts";
import { InvalidPathError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** The parts of a path, from the claims down. */
export type ClaimPath = readonly string[];

const claimNames = new Set([
  "data",
  "event_id",
  "event_timestamp",
  "ip_address",
  "source",
  "timestamp",
  "type",
]);
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);
const maxDepth = 64;

/**
 * Reads a path. It starts at the claims; a first segment that is no claim is taken under `data`.
 * @throws {InvalidPathError} `ERR_INVALID_PATH`
 */
export function parsePath(path: string): ClaimPath {
  const segments = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  if (segments.some((segment) => /[[\]]/.test(segment))) {
    throw new InvalidPathError(
      path,
      "a bracket in it holds no number",
      "Write it like user.organizations[0].code.",
    );
  }
  if (segments.some((segment) => segment === "")) {
    throw new InvalidPathError(
      path,
      "a part of the path is empty",
      "Write it like user.organizations[0].code.",
    );
  }
  const forbidden = segments.find((segment) => forbiddenKeys.has(segment));
  if (forbidden !== undefined) throw forbiddenKey(path, forbidden);
  if (segments.length > maxDepth) throw tooDeep(path);
  return claimNames.has(segments[0]!) ? segments : ["data", ...segments];
}

/**
 * Sets a value, making objects and arrays on the way where the claims have nothing or `null`.
 * @param path as written, for the error
 * @throws {InvalidPathError} `ERR_INVALID_PATH` when something on the way has no parts
 */
export function setAt(claims: JsonObject, path: string, segments: ClaimPath, value: JsonValue): void {
  let holder: JsonObject | JsonValue[] = claims;
  for (const [depth, segment] of segments.entries()) {
    const key = Array.isArray(holder) ? arrayIndex(holder, segment, path) : segment;
    if (depth === segments.length - 1) {
      assign(holder, key, value);
      return;
    }
    let next: JsonValue | undefined = read(holder, key);
    if (next === null || next === undefined) {
      next = isIndex(segments[depth + 1]!) ? [] : {};
      assign(holder, key, next);
    }
    if (typeof next !== "object") {
      throw new InvalidPathError(
        path,
        `"${segments.slice(0, depth + 1).join(".")}" holds ${JSON.stringify(next)}, which has no parts`,
        "Set it as a whole, or check the path with `npx kinde-devhook triggers <event-type>`.",
      );
    }
    holder = next;
  }
}

/** Removes what is there. @returns whether there was anything to remove */
export function unsetAt(claims: JsonObject, segments: ClaimPath): boolean {
  let holder: JsonValue | undefined = claims;
  for (const segment of segments.slice(0, -1)) holder = read(holder, segment);
  const last = segments.at(-1)!;
  if (Array.isArray(holder)) return isIndex(last) && holder.splice(Number(last), 1).length === 1;
  return isJsonObject(holder) && Object.hasOwn(holder, last) && delete holder[last];
}

/** Whether the sample has such a place. An array knows its next index; what a `null` stands for nobody knows. */
export function isKnownPath(claims: JsonObject, segments: ClaimPath): boolean {
  let value: JsonValue | undefined = claims;
  for (const segment of segments) {
    if (value === null) return true;
    if (Array.isArray(value)) {
      if (!isIndex(segment) || Number(segment) > value.length) return false;
      value = value[Math.min(Number(segment), value.length - 1)] ?? null;
    } else {
      if (!isJsonObject(value) || !Object.hasOwn(value, segment)) return false;
      value = value[segment];
    }
  }
  return true;
}

/** The path of the claims that a mistyped one most likely meant, or `undefined`. */
export function closestPath(claims: JsonObject, segments: ClaimPath): string | undefined {
  const paths = listPaths(claims);
  // `email` for `user.email`: the name is right and the way to it is missing.
  return closest(displayPath(segments), paths) ?? paths.find((path) => path.endsWith(`.${segments.at(-1)}`));
}

/**
 * Refuses what no event may hold: keys that reach into prototypes, and more levels than anyone needs.
 * @param path as written, for the error
 * @throws {InvalidPathError} `ERR_INVALID_PATH`
 */
export function assertPlainData(value: unknown, path: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth) throw tooDeep(path);
  for (const [key, inner] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) throw forbiddenKey(path, key);
    assertPlainData(inner, path, depth + 1);
  }
}

function listPaths(value: JsonValue, prefix: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...prefix, key];
    return [displayPath(path), ...listPaths(inner, path)];
  });
}

/** As the user writes it: without the `data` in front, indexes in brackets. */
function displayPath(segments: readonly string[]): string {
  const shown = segments[0] === "data" && segments.length > 1 ? segments.slice(1) : segments;
  return shown.join(".").replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");
}

function arrayIndex(array: readonly JsonValue[], segment: string, path: string): number {
  if (isIndex(segment) && Number(segment) <= array.length) return Number(segment);
  throw new InvalidPathError(
    path,
    `"${segment}" is no index of an array of ${array.length}`,
    `Use an index from 0 to ${array.length}; ${array.length} appends.`,
  );
}

function read(holder: JsonValue | undefined, key: string | number): JsonValue | undefined {
  if (Array.isArray(holder)) return holder[Number(key)];
  return isJsonObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function assign(holder: JsonObject | JsonValue[], key: string | number, value: JsonValue): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

function isIndex(segment: string): boolean {
  return /^\d{1,6}$/.test(segment);
}

function forbiddenKey(path: string, key: string): InvalidPathError {
  return new InvalidPathError(path, `"${key}" is a key no event may have`, "Use another name.");
}

function tooDeep(path: string): InvalidPathError {
  return new InvalidPathError(path, `it is nested more than ${maxDepth} levels deep`, "Use a flatter value.");
}
