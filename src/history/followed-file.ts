/** A file that others append to, read line by line as it grows. */
import { closeSync, fstatSync, readSync, statSync, type Stats } from "node:fs";
import type { Line } from "./read-backwards.ts";
import { openUnlessRemoved } from "./segments.ts";

export interface FollowedFile {
  /** The lines that have been ended since, of one chunk; `undefined` when there is nothing more for now. */
  read(): readonly Line[] | undefined;
  isRemoved(): boolean;
  /** As `identifyFile` of its path, if it has one. */
  identity(): string;
  close(): void;
}

const newline = 0x0a;

/**
 * Keeps the file open: as long as it is, no other can be mistaken for it, whatever its name.
 * @param isNew whether it is read from its beginning; else from its end, without the rest of a line that is being written
 * @returns `undefined` when another process has just removed it
 * @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE`
 */
export function followFile(path: string, isNew: boolean, chunkBytes: number): FollowedFile | undefined {
  const descriptor = openUnlessRemoved(path);
  if (descriptor === undefined) return undefined;
  let offset = isNew ? 0 : fstatSync(descriptor).size;
  let isPassingOver = offset > 0 && readChunk(descriptor, offset - 1, 1)[0] !== newline;
  /** Of a line whose end is still to come. */
  let pieces: Buffer[] = [];
  let lineOffset = offset;
  return {
    read: () => {
      if (fstatSync(descriptor).size <= offset) return undefined;
      const chunk = readChunk(descriptor, offset, chunkBytes);
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        const bytes = Buffer.concat([...pieces, chunk.subarray(start, end)]);
        if (bytes.length > 0 && !isPassingOver) lines.push({ bytes, offset: lineOffset });
        pieces = [];
        isPassingOver = false;
        start = end + 1;
        lineOffset = offset + start;
      }
      if (start < chunk.length) pieces.push(chunk.subarray(start));
      offset += chunk.length;
      return lines;
    },
    isRemoved: () => fstatSync(descriptor).nlink === 0,
    identity: () => identityOf(fstatSync(descriptor)),
    close: () => closeSync(descriptor),
  };
}

/** What tells a file that is not written to any more from a later one of its name; the same inode may be given again. */
export function identifyFile(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : identityOf(stats);
}

function identityOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

function readChunk(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
}
