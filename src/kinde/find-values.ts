/** Finds the personal values of an event in a text, however they are escaped there. */
import type { Mask } from "./personal-members.ts";
import { toPlainText } from "./plain-text.ts";

export interface PersonalValue {
  readonly text: string;
  readonly mask: Mask;
}

/** A part of a text that is to be masked, from its first character to that behind its last. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly mask: string;
}

/** As texts are searched for them: in small letters, each form once. */
export function searchable(values: readonly PersonalValue[]): readonly PersonalValue[] {
  const byText = new Map<string, PersonalValue>();
  for (const { text, mask } of values) {
    const forms = [text.normalize("NFC"), text.normalize("NFD")];
    // A header's bytes are read as Latin-1, whatever they are.
    const read = Buffer.from(text).toString("latin1");
    for (const form of [...forms, ...(read === text ? [] : [read])]) {
      const plain = toLower(toPlainText(form).text).trim();
      if (isTelling.test(plain) && !byText.has(plain)) byText.set(plain, { text: plain, mask });
    }
  }
  return [...byText.values()];
}

// In a word or two several values may begin at one character.
const fewCandidates = 100;

// Who has no phone may have a hyphen there, which tells of nobody.
const isTelling = /[\p{L}\p{N}\p{So}]/u;

/**
 * @param values as `searchable` gives them
 * @returns `undefined` where so many begin at each character that to judge them all would take too long
 */
export function findValues(original: string, values: readonly PersonalValue[]): Found[] | undefined {
  const { text, offsetOf } = toPlainText(original);
  const lower = toLower(text);
  const candidates: Found[] = [];
  for (const value of values) {
    for (const found of occurrences(lower, value)) {
      if (candidates.push(found) > 2 * lower.length + fewCandidates) return undefined;
    }
  }
  const phones = values
    .filter(({ mask }) => mask === "[phone]")
    .map((phone) => phone.text.replaceAll(/\D/g, ""));
  return [...wordsOf(text, candidates), ...findNumbers(text, phones)].map(({ start, end, mask }) => ({
    start: offsetOf(start),
    end: offsetOf(end),
    mask,
  }));
}

/**
 * Where a text ends without the beginning of a value that it may have been cut in.
 * @param values as `searchable` gives them
 */
export function endWithoutBeginning(original: string, values: readonly PersonalValue[]): number {
  const { text, offsetOf } = toPlainText(original);
  const lower = toLower(text);
  const longest = values.map(({ text: value }) => {
    let length = Math.min(value.length - 1, lower.length);
    while (length > 0 && !lower.endsWith(value.slice(0, length))) length--;
    return length;
  });
  return offsetOf(text.length - Math.max(0, ...longest));
}

function* occurrences(lower: string, { text, mask }: PersonalValue): Iterable<Found> {
  for (let start = lower.indexOf(text); start !== -1; start = lower.indexOf(text, start + 1)) {
    yield { start, end: start + text.length, mask };
  }
}

const number = /\d(?:[\s().-]{0,3}\d){4,}/g;
const shortestNumber = 5;

/** Phone numbers, whatever stands between their digits. */
function findNumbers(text: string, phones: readonly string[]): Found[] {
  const wanted = phones.filter((digits) => digits.length >= shortestNumber);
  if (wanted.length === 0) return [];
  return [...text.matchAll(number)].flatMap(({ 0: written, index: start }) => {
    const digits = written.replaceAll(/\D/g, "");
    const isKnown = wanted.some((phone) => digits.includes(phone));
    return isKnown ? [{ start, end: start + written.length, mask: "[phone]" }] : [];
  });
}

const wordLetters = 5;
const rounds = 8;
const writtenTogether =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Thai}/u;

/**
 * Those of the candidates that are long, or words of their own, or several words written as one: `adalovelace`. A short
 * one within a word is left: of `Adapter` nobody's `Ada` is to be seen once it is masked.
 */
function wordsOf(text: string, candidates: readonly Found[]): readonly Found[] {
  let left = candidates;
  for (let round = 0; round < rounds; round++) {
    const starts = new Set(left.map(({ start }) => start));
    const ends = new Set(left.map(({ end }) => end));
    const words = left.filter(
      ({ start, end, mask }) =>
        isLong(text.slice(start, end), mask) ||
        ((ends.has(start) || !isJoined(text, start)) && (starts.has(end) || !isJoined(text, end))),
    );
    if (words.length === left.length) break;
    left = words;
  }
  return left;
}

function isLong(value: string, mask: string): boolean {
  return mask !== "[ip]" && (value.length > wordLetters || writtenTogether.test(value));
}

// `\nAda`, and the colours of a terminal: their last letter belongs to no word.
const escapeAtEnd = /(?:\\x[\da-f]{2}|\\[bfnrtv0]|\[[\d;]{0,8}m)$/i;
const escapeCharacters = 12;

/** Whether what meets at an index belongs to one word; in `adaLovelace` two meet. */
function isJoined(text: string, index: number): boolean {
  const left = text.slice(index - 1, index);
  const right = text.slice(index, index + 1);
  if (/\p{N}/u.test(left)) return /\p{N}/u.test(right);
  if (!/[\p{L}\p{M}]/u.test(left) || !/[\p{L}\p{M}]/u.test(right)) return false;
  if (/^\p{Ll}\p{Lu}$/u.test(left + right)) return false;
  return !escapeAtEnd.test(text.slice(Math.max(0, index - escapeCharacters), index));
}

/** In small letters, each in the place of its own. */
function toLower(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (each) =>
    each.toLowerCase().length === each.length ? each.toLowerCase() : each,
  ).join("");
}
