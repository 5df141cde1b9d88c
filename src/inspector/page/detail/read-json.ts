import type { JsonValue } from "../../../kinde/json.ts";
import { findJsonError, type TextError } from "./json-error.ts";

export type JsonReading =
  | { readonly isValid: true; readonly value: JsonValue }
  | { readonly isValid: false; readonly error: TextError };

/** JSON from an editor. What a browser says of an error has no line in one, and no position in another: we look ourselves. */
export function readJson(text: string): JsonReading {
  try {
    return { isValid: true, value: JSON.parse(text) as JsonValue };
  } catch {
    return { isValid: false, error: findJsonError(text) };
  }
}
