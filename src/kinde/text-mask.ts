/** Masks in any text the personal values of one event, and what looks like anybody's. */
import { findPatterns } from "./find-patterns.ts";
import {
  endWithoutBeginning,
  findValues,
  searchable,
  type Found,
  type PersonalValue,
} from "./find-values.ts";

/** @param isCut whether the text goes on where it ends, so that what is at its end may be half of something */
export type TextMask = (text: string, isCut?: boolean) => string;

// No person has as many or as long ones, but anybody may send some.
const maxValues = 200;
const maxLength = 1_024;
/** Of all values together: how long a text takes to be searched grows with them. */
const maxCharacters = 8_192;

/** Masks what looks personal, where nothing is known of an event. */
export const maskPatterns: TextMask = createTextMask([]);

export function createTextMask(values: readonly PersonalValue[]): TextMask {
  const known = searchable(values);
  const lengths = known.map(({ text }) => text.length);
  const characters = lengths.reduce((sum, length) => sum + length, 0);
  const isTooMuch = known.length > maxValues || characters > maxCharacters;
  if (isTooMuch || lengths.some((length) => length > maxLength)) return maskAll;
  return (text, isCut = false) => {
    const ofEvent = findValues(text, known);
    if (ofEvent === undefined) return maskAll(text);
    const found = [...findPatterns(text), ...ofEvent];
    const masked = found.length === 0 ? text : replace(text, found);
    return isCut ? withoutCutEnd(masked, known) : masked;
  };
}

// Ours already; and ids, in which a name may occur by chance: by them things are found again.
const masks = String.raw`\[(?:email|phone|ip|address|picture|birthdate|name|token|masked|redacted)\]`;
const hex = String.raw`(?=\d*[a-f])[\da-f]`;
const uuid = String.raw`[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}`;
const ids = String.raw`(?<![\p{L}\p{N}])(?:[a-z]{1,20}_${hex}{11,}|${uuid}|${hex}{32})(?![\p{L}\p{N}])`;
const kept = new RegExp(`${masks}|${ids}`, "giu");
const keptWhole = new RegExp(`^(?:${masks}|${ids})$`, "iu");

/** Where there is too much to look for. */
const maskAll: TextMask = (text) => (text === "" || keptWhole.test(text) ? text : "[masked]");

function replace(text: string, found: readonly Found[]): string {
  const inOrder = found.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const keptParts = text.matchAll(kept);
  let keptPart = keptParts.next().value;
  const parts: string[] = [];
  let end = 0;
  for (const { start, end: itsEnd, mask } of inOrder) {
    while (keptPart !== undefined && endOf(keptPart) <= start) keptPart = keptParts.next().value;
    if (keptPart !== undefined && isWithin({ start, end: itsEnd }, keptPart)) continue;
    // A name within an address is gone with that; of two that overlap, both are.
    if (start >= end) parts.push(text.slice(end, start), mask);
    end = Math.max(end, itsEnd);
  }
  return parts.join("") + text.slice(end);
}

/** Whether it is a part of what is kept, and not all of it: somebody may be called like an id. */
function isWithin({ start, end }: Pick<Found, "start" | "end">, part: RegExpExecArray): boolean {
  return part.index <= start && end <= endOf(part) && end - start < part[0].length;
}

function endOf(part: RegExpExecArray): number {
  return part.index + part[0].length;
}

const longestWord = 2_048;
const cutWord = /[^\s"'<>{}[\],;()]+$/u;

/** The text without its last word, and without the words before that a value begins with. */
function withoutCutEnd(text: string, values: readonly PersonalValue[]): string {
  const tail = text.slice(-longestWord);
  const rest = tail.replace(cutWord, "");
  return text.slice(0, text.length - tail.length) + rest.slice(0, endWithoutBeginning(rest, values));
}
