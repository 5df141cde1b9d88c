/** The user's own values, put into the sample of an event type. */
import { closest } from "./closest.ts";
import { InvalidOptionError, InvalidPathError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

export interface Overrides<Data = JsonObject> {
  /** Merged deeply into the sample's `data`; arrays replace. Applied first. */
  readonly data?: DeepPartial<Data>;
  /**
   * Values by path, applied after `data`: `user.email`, `user.organizations[0].code`, `timestamp`.
   * A path starts at the claims; a first segment that is no claim is taken under `data`.
   */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Paths to remove, applied last. */
  readonly unset?: readonly string[];
}

export type DeepPartial<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: DeepPartial<Value[Key]> }
    : Value;

/** An override that was applied, but at a path the sample does not have. */
export interface OverrideWarning {
  readonly code: "WARN_UNKNOWN_PATH";
  readonly message: string;
  readonly path: string;
  readonly closest: string | undefined;
}

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
 * The claims with the overrides applied; the claims given are changed and returned.
 * @throws {InvalidPathError} `ERR_INVALID_PATH` when a path or key can't be applied
 */
export function applyOverrides(
  claims: JsonObject,
  overrides: Overrides,
  onWarning?: (warning: OverrideWarning) => void,
): JsonObject {
  const warn = (path: string, segments: readonly string[]): void =>
    onWarning?.(unknownPathWarning(claims, path, segments));
  if (overrides.data !== undefined) {
    claims["data"] = merge(claims["data"], copyAsJson(overrides.data, "data") as JsonObject);
  }
  for (const [path, given] of Object.entries(overrides.set ?? {})) {
    const value = copyAsJson(given, path);
    const segments = parsePath(path);
    // `undefined` comes from a library call; JSON has no such value.
    if (value === undefined) continue;
    if (!isKnownPath(claims, segments)) warn(path, segments);
    setAt(claims, path, segments, value);
  }
  for (const path of overrides.unset ?? []) {
    const segments = parsePath(path);
    if (!unsetAt(claims, segments)) warn(path, segments);
  }
  return claims;
}

/**
 * One `path=value` of `--set`. The value is JSON where it parses as JSON, text otherwise.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` without an equals sign or a path
 */
export function parseAssignment(text: string, option: string): [path: string, value: JsonValue] {
  const equals = text.indexOf("=");
  if (equals < 1) {
    throw new InvalidOptionError(
      option,
      "path=value",
      JSON.stringify(text),
      "For example: --set user.email=ada@example.com (text in quotes stays text: --set user.id='\"42\"').",
    );
  }
  const value = text.slice(equals + 1);
  try {
    return [text.slice(0, equals), JSON.parse(value) as JsonValue];
  } catch {
    return [text.slice(0, equals), value];
  }
}

function parsePath(path: string): string[] {
  const segments = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
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

function setAt(claims: JsonObject, path: string, segments: readonly string[], value: JsonValue): void {
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
        "Set it as a whole, or check the path with `kinde-devhook triggers <event-type>`.",
      );
    }
    holder = next;
  }
}

/** @returns whether there was anything to remove */
function unsetAt(claims: JsonObject, segments: readonly string[]): boolean {
  let holder: JsonValue | undefined = claims;
  for (const segment of segments.slice(0, -1)) holder = read(holder, segment);
  const last = segments.at(-1)!;
  if (Array.isArray(holder)) return isIndex(last) && holder.splice(Number(last), 1).length === 1;
  return isJsonObject(holder) && Object.hasOwn(holder, last) && delete holder[last];
}

function merge(base: JsonValue | undefined, patch: JsonObject): JsonObject {
  const merged: JsonObject = isJsonObject(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = isJsonObject(value) ? merge(merged[key], value) : value;
  }
  return merged;
}

function unknownPathWarning(claims: JsonObject, path: string, segments: readonly string[]): OverrideWarning {
  const nearest = closest(displayPath(segments), listPaths(claims));
  return {
    code: "WARN_UNKNOWN_PATH",
    message: `the sample has no "${path}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`,
    path,
    closest: nearest,
  };
}

/** Whether the sample has such a place. An array knows its next index; what a `null` stands for nobody knows. */
function isKnownPath(claims: JsonObject, segments: readonly string[]): boolean {
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

/** The value as JSON has it, and a copy: later overrides must not reach into objects that the caller holds. */
function copyAsJson(value: unknown, path: string): JsonValue | undefined {
  assertPlainData(value, path);
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
}

function assertPlainData(value: unknown, path: string, depth = 0): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > maxDepth) throw tooDeep(path);
  for (const [key, inner] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) throw forbiddenKey(path, key);
    assertPlainData(inner, path, depth + 1);
  }
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
