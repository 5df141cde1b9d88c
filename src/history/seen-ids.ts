/**
 * Which deliveries were met already. Their ids are 16 random bytes, kept as numbers in one table: a million of them take
 * 32 MB and give the garbage collector nothing to do, where a set of strings would take over 100.
 */
export interface SeenIds {
  /** Whether the delivery of a line was added; `false` too for a line that does not begin as we write it. */
  hasIdOf(line: Uint8Array): boolean;
  /** @returns whether it is new */
  add(id: string): boolean;
}

const wordsPerId = 4;
const digitsPerWord = 8;
const lineStart = Buffer.from('{"id":"dlv_');
const lineEnd = lineStart.length + wordsPerId * digitsPerWord;
const quote = 0x22;

// Each grows by itself, so that neither the memory nor the time of it is that of all.
const tableBits = 4;

export function createSeenIds(): SeenIds {
  const tables = Array.from({ length: 1 << tableBits }, createTable);
  // Ids of another form: from elsewhere, or all zeros, which is what an empty place holds.
  const others = new Set<string>();
  const words = new Uint32Array(wordsPerId);
  const tableOf = (hashed: number): IdTable | undefined => tables[hashed >>> (32 - tableBits)];
  return {
    hasIdOf: (line) => {
      if (!readLineId(line, words) || isEmpty(words, 0)) return false;
      const hashed = hash(words, 0);
      return tableOf(hashed)?.has(words, hashed) === true;
    },
    add: (id) => {
      if (!readId(id, words) || isEmpty(words, 0)) return addNew(others, id);
      const hashed = hash(words, 0);
      return tableOf(hashed)?.add(words, hashed) === true;
    },
  };
}

interface IdTable {
  has(id: Uint32Array, hashed: number): boolean;
  /** @returns whether it is new */
  add(id: Uint32Array, hashed: number): boolean;
}

function createTable(): IdTable {
  let capacity = 64;
  let table = new Uint32Array(capacity * wordsPerId);
  let count = 0;
  /** Where the id is, or where it belongs. */
  const placeOf = (id: Uint32Array, start: number, hashed: number): number => {
    const mask = capacity - 1;
    for (let place = hashed & mask; ; place = (place + 1) & mask) {
      const at = place * wordsPerId;
      if (isEmpty(table, at) || isSame(table, at, id, start)) return at;
    }
  };
  const grow = (): void => {
    const old = table;
    capacity *= 2;
    table = new Uint32Array(capacity * wordsPerId);
    for (let at = 0; at < old.length; at += wordsPerId) {
      if (!isEmpty(old, at)) table.set(old.subarray(at, at + wordsPerId), placeOf(old, at, hash(old, at)));
    }
  };
  return {
    has: (id, hashed) => !isEmpty(table, placeOf(id, 0, hashed)),
    add: (id, hashed) => {
      const at = placeOf(id, 0, hashed);
      if (!isEmpty(table, at)) return false;
      table.set(id, at);
      // Beyond two thirds the way to a free place becomes long.
      if (++count * 3 > capacity * 2) grow();
      return true;
    },
  };
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

function hash(words: Uint32Array, at: number): number {
  let mixed = 0;
  for (let index = 0; index < wordsPerId; index++) {
    mixed = Math.imul(mixed ^ (words[at + index] ?? 0), 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  return mixed;
}

function isEmpty(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0;
}

function isSame(one: Uint32Array, at: number, other: Uint32Array, start: number): boolean {
  return (
    one[at] === other[start] &&
    one[at + 1] === other[start + 1] &&
    one[at + 2] === other[start + 2] &&
    one[at + 3] === other[start + 3]
  );
}
