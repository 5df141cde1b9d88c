/**
 * A set of ids of 16 bytes, in typed arrays: a million of them take 32 MB at most and give the garbage collector nothing to
 * do, where a set of strings would take over 100. An id is four words of 32 bits; all zeros is none, for that is what an
 * empty place holds.
 */
export interface IdTable {
  has(id: Uint32Array): boolean;
  /** @returns whether it is new */
  add(id: Uint32Array): boolean;
}

export const wordsPerId = 4;

// Each grows by itself, so that neither the memory nor the time of it is that of all.
const partBits = 4;

export function createIdTable(): IdTable {
  const parts = Array.from({ length: 1 << partBits }, createPart);
  const partOf = (hashed: number): Part | undefined => parts[hashed >>> (32 - partBits)];
  return {
    has: (id) => {
      const hashed = hash(id, 0);
      return partOf(hashed)?.has(id, hashed) === true;
    },
    add: (id) => {
      const hashed = hash(id, 0);
      return partOf(hashed)?.add(id, hashed) === true;
    },
  };
}

interface Part {
  has(id: Uint32Array, hashed: number): boolean;
  add(id: Uint32Array, hashed: number): boolean;
}

// Beyond, the way to a free place becomes long.
const fullAt = 0.75;
const growth = 1.5;

function createPart(): Part {
  let capacity = 64;
  let table = createWords(capacity * wordsPerId);
  let count = 0;
  /** Where the id is, or where it belongs. */
  const placeOf = (id: Uint32Array, start: number, hashed: number): number => {
    // What has chosen the part is the same for all of it.
    let place = Math.floor((((hashed << partBits) >>> 0) / 2 ** 32) * capacity);
    while (true) {
      const at = place * wordsPerId;
      if (isEmpty(table, at) || isSame(table, at, id, start)) return at;
      place = place + 1 === capacity ? 0 : place + 1;
    }
  };
  const grow = (): void => {
    const old = table;
    capacity = Math.ceil(capacity * growth);
    table = createWords(capacity * wordsPerId);
    for (let at = 0; at < old.length; at += wordsPerId) {
      if (isEmpty(old, at)) continue;
      table.set(old.subarray(at, at + wordsPerId), placeOf(old, at, hash(old, at)));
    }
    // It would be kept until the garbage collector comes by, and it has no other reason to: the table would take twice as much.
    old.buffer.resize(0);
  };
  return {
    has: (id, hashed) => !isEmpty(table, placeOf(id, 0, hashed)),
    add: (id, hashed) => {
      const at = placeOf(id, 0, hashed);
      if (!isEmpty(table, at)) return false;
      table.set(id, at);
      if (++count > capacity * fullAt) grow();
      return true;
    },
  };
}

function createWords(count: number): Uint32Array<ArrayBuffer> {
  const maxByteLength = count * Uint32Array.BYTES_PER_ELEMENT;
  return new Uint32Array(new ArrayBuffer(maxByteLength, { maxByteLength }));
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
