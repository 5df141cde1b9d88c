/** The user's own values, put into the sample of an event type. */
import {
  assertPlainData,
  closestPath,
  isKnownPath,
  parsePath,
  setAt,
  unsetAt,
  type ClaimPath,
} from "./claim-path.ts";
import { InvalidOptionError, InvalidPathError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

export interface Overrides<Data = JsonObject> {
  /** Merged deeply into the sample's `data`; arrays replace. Applied first. */
  readonly data?: DeepPartial<Data> | undefined;
  /**
   * Values by path, applied after `data`: `user.email`, `user.organizations[0].code`, `timestamp`.
   * A path starts at the claims; a first segment that is no claim is taken under `data`.
   */
  readonly set?: Assignments | undefined;
  /** Paths to remove, applied last. */
  readonly unset?: readonly string[] | undefined;
}

/** Values by path; as pairs where the order matters to an object's own rules on keys. */
export type Assignments =
  | Readonly<Record<string, unknown>>
  | readonly (readonly [path: string, value: unknown])[];

export type DeepPartial<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: DeepPartial<Value[Key]> | undefined }
    : Value;

/** An override that was applied, but at a path the sample does not have. */
export interface OverrideWarning {
  readonly code: "WARN_UNKNOWN_PATH";
  readonly message: string;
  readonly path: string;
  readonly closest: string | undefined;
}

/**
 * The claims with the overrides applied; the claims given are changed and returned.
 * @param holder how a warning calls the claims
 * @throws {InvalidPathError} `ERR_INVALID_PATH` when a path or key can't be applied
 */
export function applyOverrides(
  claims: JsonObject,
  overrides: Overrides,
  onWarning?: (warning: OverrideWarning) => void,
  holder: "sample" | "event" = "sample",
): JsonObject {
  const warn = (path: string, segments: ClaimPath): void => {
    if (onWarning === undefined) return;
    const nearest = closestPath(claims, segments);
    const message = `the ${holder} has no "${path}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
    onWarning({ code: "WARN_UNKNOWN_PATH", message, path, closest: nearest });
  };
  if (overrides.data !== undefined) {
    const data = copyAsJson(overrides.data, "data");
    // A Date, say, is an object here and text in JSON.
    if (!isJsonObject(data)) {
      throw new InvalidPathError(
        "data",
        "it is no object as JSON",
        "Give the members of data that you want.",
      );
    }
    claims["data"] = merge(claims["data"], data);
  }
  for (const [path, given] of listAssignments(overrides.set)) {
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

function listAssignments(set: Assignments = []): readonly (readonly [path: string, value: unknown])[] {
  return Array.isArray(set) ? (set as readonly (readonly [string, unknown])[]) : Object.entries(set);
}

function merge(base: JsonValue | undefined, patch: JsonObject): JsonObject {
  const merged: JsonObject = isJsonObject(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    merged[key] = isJsonObject(value) ? merge(merged[key], value) : value;
  }
  return merged;
}

/** The value as JSON has it, and a copy: later overrides must not reach into objects that the caller holds. */
function copyAsJson(value: unknown, path: string): JsonValue | undefined {
  assertPlainData(value, path);
  let text: string | undefined;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new InvalidPathError(path, `it can't be written as JSON (${cause})`, "Use what JSON has.");
  }
  return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
}
