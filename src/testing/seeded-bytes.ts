import { createHash } from "node:crypto";

/** Bytes that look random and are the same for the same seed: SHA-256 of the seed and a counter, block after block. */
export function createSeededBytes(seed: string): (size: number) => Uint8Array {
  let block = 0;
  let left = Buffer.alloc(0);
  return (size) => {
    while (left.length < size) {
      const next = createHash("sha256").update(`${block++} ${seed}`).digest();
      left = Buffer.concat([left, next]);
    }
    const bytes = left.subarray(0, size);
    left = left.subarray(size);
    return bytes;
  };
}
