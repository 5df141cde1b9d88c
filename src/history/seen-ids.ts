/** Which deliveries were met already. Their ids are 16 random bytes, and kept as numbers. */
import { createIdTable, wordsPerId } from "./id-table.ts";

export interface SeenIds {
  /** Whether the delivery of a line was added; `false` too for a line that does not begin as we write it. */
  hasIdOf(line: Uint8Array): boolean;
  /** @returns whether it is new */
  add(id: string): boolean;
}

const digitsPerWord = 8;
const lineStart = Buffer.from('{"id":"dlv_');
const lineEnd = lineStart.length + wordsPerId * digitsPerWord;
const quote = 0x22;

export function createSeenIds(): SeenIds {
  const table = createIdTable();
  // Ids of another form: from elsewhere, or all zeros, which the table can't hold.
  const others = new Set<string>();
  const words = new Uint32Array(wordsPerId);
  return {
    hasIdOf: (line) => readLineId(line, words) && table.has(words),
    add: (id) => (readId(id, words) && !isZero(words) ? table.add(words) : addNew(others, id)),
  };
}

function isZero(words: Uint32Array): boolean {
  return words.every((word) => word === 0);
}

function addNew(set: Set<string>, id: string): boolean {
  const { size } = set;
  return set.add(id).size > size;
}

/** @returns whether the line begins with an id as we make them, which `words` then has */
function readLineId(line: Uint8Array, words: Uint32Array): boolean {
  if (line[lineEnd] !== quote) return false;
  for (let index = 0; index < lineStart.length; index++) if (line[index] !== lineStart[index]) return false;
  return readWords((index) => line[lineStart.length + index] ?? 0, words);
}

function readId(id: string, words: Uint32Array): boolean {
  if (id.length !== 4 + wordsPerId * digitsPerWord || !id.startsWith("dlv_")) return false;
  return readWords((index) => id.charCodeAt(4 + index), words);
}

function readWords(codeAt: (index: number) => number, words: Uint32Array): boolean {
  for (let word = 0; word < wordsPerId; word++) {
    let value = 0;
    for (let digit = 0; digit < digitsPerWord; digit++) {
      const number = hexValue(codeAt(word * digitsPerWord + digit));
      if (number < 0) return false;
      value = (value << 4) | number;
    }
    words[word] = value;
  }
  return true;
}

/** Lower case alone, as we write them: another letter is another id. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}
