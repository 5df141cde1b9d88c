/** Reads the lines of a file from its end, in chunks: what is newest comes first, and no more is in memory than that. */
import { read } from "node:fs";
import { promisify } from "node:util";

export interface Line {
  /** Without its newline. Only until the next lines are asked for: their bytes take the same place. */
  readonly bytes: Buffer;
  /** Where in the file it begins. */
  readonly offset: number;
}

const newline = 0x0a;
const readBytes = promisify(read);

/**
 * The lines of each chunk, the last first; those without a character are left out. Whatever else there is to do gets its
 * turn before each chunk.
 * @param size how much of the file is read, in bytes
 */
export async function* readBackwards(
  descriptor: number,
  size: number,
  chunkBytes: number,
): AsyncGenerator<readonly Line[]> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size));
  // Of a line whose beginning is still to come, the last piece first.
  let pieces: Buffer[] = [];
  const take = (head: Buffer): Buffer => {
    if (pieces.length === 0) return head;
    const whole = Buffer.concat([head, ...pieces.toReversed()]);
    pieces = [];
    return whole;
  };
  for (let position = size; position > 0;) {
    const length = Math.min(chunkBytes, position);
    position -= length;
    // A file that has become shorter is not ours any more.
    if (!(await readWhole(descriptor, buffer, length, position))) return;
    const lines: Line[] = [];
    let end = length;
    while (end > 0) {
      const before = buffer.lastIndexOf(newline, end - 1);
      if (before === -1) break;
      const bytes = take(buffer.subarray(before + 1, end));
      if (bytes.length > 0) lines.push({ bytes, offset: position + before + 1 });
      end = before;
    }
    if (end > 0) pieces.push(Buffer.from(buffer.subarray(0, end)));
    if (lines.length > 0) yield lines;
  }
  if (pieces.length > 0) yield [{ bytes: take(Buffer.alloc(0)), offset: 0 }];
}

async function readWhole(
  descriptor: number,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<boolean> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await readBytes(descriptor, buffer, done, length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}
