import { isJsonObject, type JsonObject, type JsonValue } from "../../../kinde/json.ts";
import type { EditMistake } from "../detail/event-mistake.ts";
import { readJson } from "../detail/read-json.ts";

/** What was written: an object that may be sent, or why it may not. */
export type Edited =
  | { readonly value: JsonObject; readonly mistake: undefined }
  | { readonly value: undefined; readonly mistake: EditMistake };

/** Why what has a mistake is not sent. */
export const mendFirst = "What is wrong above has to be mended first.";

/** @param findMistake what is wrong with it although it is JSON */
export function readEdited(
  text: string,
  findMistake: (text: string, value: JsonValue) => EditMistake | undefined,
): Edited {
  const reading = readJson(text);
  if (!reading.isValid) return { value: undefined, mistake: reading.error };
  const { value } = reading;
  const mistake = findMistake(text, value);
  if (mistake === undefined && isJsonObject(value)) return { value, mistake: undefined };
  return { value: undefined, mistake: mistake ?? { line: null, message: "It is no object." } };
}
