/** What of a history can't be read is passed over, and told of once for each place, by the numbers of its lines. */
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Unreadable } from "./parse-delivery.ts";

export interface Damage {
  /** The path of the file. */
  readonly file: string;
  readonly reason: Unreadable;
  /** Numbers of lines that were passed over, 1 for the first in the file: a few of them, ascending. Empty for a whole file. */
  readonly lines: readonly number[];
  /** How many lines were passed over; 0 for a whole file, of which nothing is read. */
  readonly count: number;
}

export interface DamageLog {
  /** What is met while one file is read. */
  begin(name: string): {
    /** @param offset where in the file the line begins */
    note(offset: number, reason: Unreadable): void;
    /** Tells of what is new. Lines are counted now: a file without damage is never read for their numbers. */
    tell(): Promise<void>;
  };
  /** Tells of a file whose format is not ours. */
  noteFile(name: string): void;
}

const shownLines = 5;
// Of a file that is full of damage: whatever it holds beyond is not told of again.
const rememberedPlaces = 1_000;

export function createDamageLog(
  directory: string,
  onDamaged: (damage: Damage) => void = () => {},
): DamageLog {
  const places = new Map<string, Set<number>>();
  return {
    begin: (name) => {
      const file = join(directory, name);
      const found: Record<Unreadable, { offsets: number[]; count: number }> = {
        damaged: { offsets: [], count: 0 },
        "another-format": { offsets: [], count: 0 },
      };
      const known = places.get(name) ?? new Set();
      const isFull = known.size >= rememberedPlaces;
      return {
        note: (offset, reason) => {
          if (isFull || known.has(offset)) return;
          places.set(name, known);
          if (known.size < rememberedPlaces) known.add(offset);
          const { offsets } = found[reason];
          found[reason].count++;
          if (offsets.length < shownLines) offsets.push(offset);
        },
        tell: async () => {
          for (const [reason, { offsets, count }] of Object.entries(found)) {
            if (count === 0) continue;
            const lines = await countLines(
              file,
              offsets.splice(0).sort((a, b) => a - b),
            );
            found[reason as Unreadable].count = 0;
            onDamaged({ file, reason: reason as Unreadable, lines, count });
          }
        },
      };
    },
    noteFile: (name) => {
      if (places.has(name)) return;
      places.set(name, new Set());
      onDamaged({ file: join(directory, name), reason: "another-format", lines: [], count: 0 });
    },
  };
}

/** @returns the numbers of the lines that begin at these offsets, which ascend; none when the file is gone */
async function countLines(path: string, offsets: readonly number[]): Promise<readonly number[]> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    return [];
  }
  const numbers: number[] = [];
  try {
    const buffer = Buffer.allocUnsafe(64 << 10);
    let number = 1;
    let position = 0;
    for (const offset of offsets) {
      while (position < offset) {
        const { bytesRead } = await file.read(
          buffer,
          0,
          Math.min(buffer.length, offset - position),
          position,
        );
        if (bytesRead === 0) return numbers;
        number += countNewlines(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
      numbers.push(number);
    }
    return numbers;
  } catch {
    return numbers;
  } finally {
    await file.close();
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
