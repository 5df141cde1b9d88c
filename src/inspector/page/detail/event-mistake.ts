import { isJsonObject, type JsonValue } from "../../../kinde/json.ts";
import { textErrorAt, type TextError } from "./json-error.ts";

/** What a mistake is without a place of its own: something is missing. */
export type EditMistake = TextError | { readonly line: null; readonly message: string };

const textClaims = ["type", "event_id", "timestamp"];

/**
 * Why claims are no event, or `undefined` when they are one: `type`, `event_id` and `timestamp` are text, `data` is an object.
 * @param text which the claims were read from
 */
export function findEventMistake(text: string, claims: JsonValue): EditMistake | undefined {
  if (!isJsonObject(claims)) {
    return { line: null, message: `An event is an object, { … }, and this is ${kindOf(claims)}.` };
  }
  const missing = [...textClaims, "data"].filter((name) => !Object.hasOwn(claims, name));
  if (missing.length > 0) {
    return { line: null, message: `An event has ${missing.join(", ")}: add what is missing.` };
  }
  const wrong = textClaims.find((name) => typeof claims[name] !== "string" || claims[name] === "");
  if (wrong !== undefined) {
    const got = claims[wrong] === "" ? "empty" : kindOf(claims[wrong]!);
    return textErrorAt(text, findMember(text, wrong), `${wrong} is a text, and this is ${got}.`);
  }
  if (isJsonObject(claims["data"])) return undefined;
  return textErrorAt(
    text,
    findMember(text, "data"),
    `data is an object, { … }, and this is ${kindOf(claims["data"]!)}.`,
  );
}

/** Why a value is no `data` of an event, or `undefined` when it is. */
export function findDataMistake(_text: string, data: JsonValue): EditMistake | undefined {
  if (isJsonObject(data)) return undefined;
  return { line: null, message: `data is an object, { … }, and this is ${kindOf(data)}.` };
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return { string: "a text", number: "a number", boolean: `${value as boolean}` }[
    typeof value as "string" | "number" | "boolean"
  ];
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The offset of a member's name in the text of an object; the last one, where JSON has it twice. */
function findMember(text: string, name: string): number {
  let depth = 0;
  let last = { offset: 0, text: "" };
  let found = 0;
  for (const { 0: part, index } of text.matchAll(token)) {
    if (part === "{" || part === "[") depth++;
    else if (part === "}" || part === "]") depth--;
    else if (part === ":" && depth === 1 && JSON.parse(last.text) === name) found = last.offset;
    if (part.startsWith('"')) last = { offset: index, text: part };
  }
  return found;
}
