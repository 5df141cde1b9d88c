import { randomBytes } from "node:crypto";

const poolBytes = 4_096;

/** Random bytes from a pool that is filled for many calls at once: each call to the system costs microseconds. */
export function createRandomPool(): (size: number) => Uint8Array {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (size) => {
    if (used + size > pool.length) {
      pool = randomBytes(Math.max(poolBytes, size));
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}
