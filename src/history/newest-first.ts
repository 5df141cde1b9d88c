/** Every delivery of a history once, in its last state, the latest change first. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { changedAt, type Delivery } from "../delivery/delivery.ts";
import type { DamageLog } from "./damage.ts";
import type { HistoryQuery } from "./history.ts";
import { parseDelivery, type Unreadable } from "./parse-delivery.ts";
import { readBackwards, type Line } from "./read-backwards.ts";
import { createSeenIds } from "./seen-ids.ts";
import { endOf, listSegments, openUnlessRemoved } from "./segments.ts";

export interface NewestFirstOptions {
  readonly directory: string;
  readonly damage: DamageLog;
  /** How much is read at once, in bytes. */
  readonly chunkBytes: number;
}

// Clocks are set back a little now and then.
const clockSlackMs = 60_000;

/**
 * Holds a chunk, and 16 bytes for each delivery that was met.
 * @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE`
 */
export async function* newestFirst(
  { directory, damage, chunkBytes }: NewestFirstOptions,
  { where = () => true, containing, since = -Infinity }: HistoryQuery,
): AsyncGenerator<Delivery> {
  const seen = createSeenIds();
  const needle = containing === undefined ? undefined : Buffer.from(containing);
  const { segments, foreign } = listSegments(directory);
  for (const name of foreign) damage.noteFile(name);
  // A segment holds what was appended on its day, and nothing is appended before it has happened.
  const changed = segments.filter(({ day }) => endOf(day) > since - clockSlackMs);
  for (const { name } of changed.reverse()) {
    const descriptor = openUnlessRemoved(join(directory, name));
    if (descriptor === undefined) continue;
    const found = damage.begin(name);
    try {
      const { size } = fstatSync(descriptor);
      for await (const lines of readBackwards(descriptor, size, chunkBytes)) {
        for (const line of lines) {
          // What a line lacks that stands in every state of a delivery, its older ones lack too: its id need not be kept.
          const isWanted = needle === undefined || line.bytes.includes(needle);
          if (isWhole(line) && (!isWanted || seen.hasIdOf(line.bytes))) continue;
          const isLast = line.offset + line.bytes.length === size;
          const read = parseDelivery(line.bytes.toString());
          const delivery =
            typeof read === "string" && isLast ? await readAgain(descriptor, line.offset) : read;
          if (typeof delivery === "string") found.note(line.offset, delivery);
          else if (seen.add(delivery.id) && changedAt(delivery) >= since && where(delivery)) yield delivery;
        }
      }
    } finally {
      closeSync(descriptor);
      await found.tell();
    }
  }
}

/** What is no whole record is looked at in any case, so that it is told of. */
function isWhole({ bytes }: Line): boolean {
  return bytes[0] === 0x7b && bytes.at(-1) === 0x7d;
}

// A process that writes may be made to wait in the middle of it. Nobody who reads notices.
const lookAgainMs = 20;
const writingMs = 200;

/** The last line of a file, once whoever is writing it at this moment has written it. */
async function readAgain(descriptor: number, offset: number): Promise<Delivery | Unreadable> {
  for (let waited = 0; ; waited += lookAgainMs) {
    const { size, mtimeMs } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const length = readSync(descriptor, bytes, 0, bytes.length, offset);
    const end = bytes.indexOf(0x0a);
    const read = parseDelivery(bytes.toString("utf8", 0, end === -1 ? length : end));
    const isFinal = end !== -1 || waited >= writingMs || Date.now() - mtimeMs > writingMs;
    if (typeof read !== "string" || isFinal) return read;
    await wait(lookAgainMs);
  }
}
