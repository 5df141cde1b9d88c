/**
 * The project's history on disk: `history/<day>.<number>.ndjson`, one record a line, appended by any number of
 * processes. The last record of a delivery is its state. What a killed process left half written is skipped.
 */
import { chmodSync, closeSync, fstatSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deliveryText } from "../delivery/delivery-json.ts";
import { changedAt, type Delivery } from "../delivery/delivery.ts";
import type { History, HistoryQuery } from "./history.ts";
import { parseRecord, readLines } from "./records.ts";

export interface FileHistoryOptions {
  /** The `history` directory; made before the first append. */
  readonly directory: string;
  readonly ensureDirectory: () => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Size in bytes at which a new file is begun. */
  readonly segmentBytes?: number;
  /** Size in bytes of all files together; the oldest go first. */
  readonly retainedBytes?: number;
}

interface Segment {
  readonly name: string;
  readonly day: string;
  readonly number: number;
}

/** The file that is written to now. */
interface OpenSegment {
  readonly descriptor: number;
  readonly day: string;
  /** How much this process has written since it last looked at the file's size. */
  uncheckedBytes: number;
}

// Other processes write to the same file: its size is looked at now and then, for that costs as much as writing.
const checkSizeEvery = 64 << 10;

const retainedMs = 7 * 24 * 60 * 60 * 1000;

/** A history that outlives the process and is shared by those of one project. */
export function createFileHistory(options: FileHistoryOptions): History {
  const { directory, now, segmentBytes = 16 << 20, retainedBytes = 200 << 20 } = options;
  let open: OpenSegment | undefined;

  const openSegment = (): OpenSegment => {
    const day = dayOf(now());
    if (open !== undefined && open.day === day && hasRoom(open, segmentBytes)) return open;
    if (open !== undefined) closeSync(open.descriptor);
    // Its number may soon be another file's: nothing may be written to it, even if what follows fails.
    open = undefined;
    options.ensureDirectory();
    dropExpired(directory, now(), retainedBytes);
    const path = join(directory, currentSegment(directory, day, segmentBytes));
    const descriptor = openSync(path, "a", 0o600);
    chmodSync(path, 0o600);
    open = { descriptor, day, uncheckedBytes: Infinity };
    return open;
  };

  async function* read({
    where = () => true,
    containing,
    since = -Infinity,
  }: HistoryQuery = {}): AsyncIterable<Delivery> {
    for (const delivery of newestFirst(directory, containing)) {
      if (changedAt(delivery) >= since && where(delivery)) yield delivery;
    }
  }

  return {
    append: async (delivery) => {
      // One write in append mode, so that the lines of several processes never mix.
      const line = deliveryText(delivery);
      const segment = openSegment();
      const written = writeSync(segment.descriptor, line);
      segment.uncheckedBytes += written;
      const size = Buffer.byteLength(line);
      if (written < size) throw new Error(`only ${written} of ${size} bytes could be written`);
    },
    get: async (id) => {
      for (const delivery of newestFirst(directory)) if (delivery.id === id) return delivery;
      return undefined;
    },
    list: async ({ limit, ...query }) => {
      const found: Delivery[] = [];
      for await (const delivery of read(query)) if (found.push(delivery) >= limit) break;
      return found;
    },
    read,
    clear: async () => {
      for (const { name } of listSegments(directory)) rmSync(join(directory, name), { force: true });
    },
    close: async () => {
      if (open !== undefined) closeSync(open.descriptor);
      open = undefined;
    },
  };
}

function hasRoom(segment: OpenSegment, segmentBytes: number): boolean {
  if (segment.uncheckedBytes < Math.min(checkSizeEvery, segmentBytes / 16)) return true;
  segment.uncheckedBytes = 0;
  return fstatSync(segment.descriptor).size < segmentBytes;
}

/**
 * Every delivery once, in its last state, the latest change first.
 * @param containing what a record must hold to be parsed at all; it stands in every state of a delivery, or in none
 */
function* newestFirst(directory: string, containing?: string): Generator<Delivery> {
  const seen = new Set<string>();
  for (const { name } of listSegments(directory).reverse()) {
    for (const line of readLines(join(directory, name)).reverse()) {
      if (containing !== undefined && !line.includes(containing)) continue;
      const delivery = parseRecord(line);
      if (delivery === undefined || seen.has(delivery.id)) continue;
      seen.add(delivery.id);
      yield delivery;
    }
  }
}

function currentSegment(directory: string, day: string, segmentBytes: number): string {
  const last = listSegments(directory).findLast((segment) => segment.day === day);
  if (last === undefined) return segmentName(day, 1);
  const isFull = statSync(join(directory, last.name)).size >= segmentBytes;
  return isFull ? segmentName(day, last.number + 1) : last.name;
}

function dropExpired(directory: string, now: number, retainedBytes: number): void {
  const oldestDay = dayOf(now - retainedMs);
  let bytes = 0;
  for (const { name, day } of listSegments(directory).reverse()) {
    const path = join(directory, name);
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (day < oldestDay || bytes > retainedBytes) rmSync(path, { force: true });
  }
}

/** The oldest first. */
function listSegments(directory: string): Segment[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const [, day, number] = /^(\d{4}-\d\d-\d\d)\.(\d{4,})\.ndjson$/.exec(name) ?? [];
      return day === undefined || number === undefined ? [] : [{ name, day, number: Number(number) }];
    })
    .sort((a, b) => a.day.localeCompare(b.day) || a.number - b.number);
}

function segmentName(day: string, number: number): string {
  return `${day}.${String(number).padStart(4, "0")}.ndjson`;
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
