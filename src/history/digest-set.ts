import { hash } from "node:crypto";
import { createIdTable, wordsPerId } from "./id-table.ts";

/**
 * A set of texts that holds 16 bytes of each, however long it is: the beginning of its SHA-256. That two have the same is
 * no likelier than that an id of 16 random bytes comes twice.
 */
export interface DigestSet {
  has(text: string): boolean;
  add(text: string): void;
}

export function createDigestSet(): DigestSet {
  const table = createIdTable();
  const words = new Uint32Array(wordsPerId);
  const digest = (text: string): Uint32Array => {
    const bytes = hash("sha256", text, "buffer");
    for (let word = 0; word < wordsPerId; word++) words[word] = bytes.readUInt32LE(4 * word);
    return words;
  };
  return {
    has: (text) => table.has(digest(text)),
    add: (text) => void table.add(digest(text)),
  };
}
