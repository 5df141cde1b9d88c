/** Appends lines to the segment of the day, beside other processes that do the same, or clear the history meanwhile. */
import { chmodSync, closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { currentSegment, dayOf, dropExpired } from "./segments.ts";

export interface SegmentWriterOptions {
  /** The `history` directory; made before the first append. */
  readonly directory: string;
  readonly ensureDirectory: () => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Size in bytes at which a new file is begun. */
  readonly segmentBytes: number;
  /** Size in bytes of all files together; the oldest go first. */
  readonly retainedBytes: number;
}

export interface SegmentWriter {
  /** Once this returns the line outlives the process. @throws what the system says; then it may be there in part */
  append(line: string): void;
  /** The next append opens it again. */
  close(): void;
}

export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const { directory, now, segmentBytes, retainedBytes } = options;
  let open: { readonly descriptor: number; readonly day: string } | undefined;

  const close = (): void => {
    // Its number may soon be another file's: nothing may be written to it, whatever closing says.
    const closed = open?.descriptor;
    open = undefined;
    if (closed !== undefined) closeSync(closed);
  };
  const descriptorFor = (time: number): number => {
    const day = dayOf(time);
    // Others write to it as well: only the file can say whether it is full.
    if (open?.day === day && hasRoom(open.descriptor, segmentBytes)) return open.descriptor;
    close();
    options.ensureDirectory();
    dropExpired(directory, time, retainedBytes);
    const path = join(directory, currentSegment(directory, day, segmentBytes));
    const descriptor = openSync(path, "a", 0o600);
    open = { descriptor, day };
    chmodSync(path, 0o600);
    return descriptor;
  };
  return {
    append: (line) => {
      const descriptor = descriptorFor(now());
      writeLine(descriptor, line);
      // Cleared just before: what was written to a file without a name is gone with its last descriptor. When it was
      // cleared just after, this line outlives that; nobody can tell the two apart.
      if (isRemoved(descriptor)) writeLine(descriptorFor(now()), line);
    },
    close,
  };
}

function hasRoom(descriptor: number, segmentBytes: number): boolean {
  const { nlink, size } = fstatSync(descriptor);
  return nlink > 0 && size < segmentBytes;
}

function isRemoved(descriptor: number): boolean {
  return fstatSync(descriptor).nlink === 0;
}

/** One write in append mode, so that the lines of several processes never mix. */
function writeLine(descriptor: number, line: string): void {
  const written = writeSync(descriptor, line);
  const size = Buffer.byteLength(line);
  if (written < size) throw new Error(`only ${written} of ${size} bytes could be written`);
}
