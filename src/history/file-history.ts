/**
 * The project's history on disk: `history/<day>.<number>.ndjson`, one record a line, appended by any number of
 * processes. The last record of a delivery is its state. What can't be read is passed over, and told of: what a killed
 * process left half written, and what is of another format, which is left alone.
 */
import { deliveryText } from "../delivery/delivery-json.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { clearSegments } from "./clear-segments.ts";
import { createDamageLog, type Damage } from "./damage.ts";
import { followSegments } from "./follow-segments.ts";
import type { History, HistoryQuery } from "./history.ts";
import { newestFirst } from "./newest-first.ts";
import { createSegmentWriter } from "./segment-writer.ts";

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
  /** How much is read at once, in bytes: what else the process does waits as long as that takes. */
  readonly chunkBytes?: number;
  /** What was passed over, each place once; told after the file that it is in was read. */
  readonly onDamaged?: (damage: Damage) => void;
  /** Called each time that what is followed can't be read for now; it is tried again, and nothing of it is lost. */
  readonly onUnreadable?: (error: Error) => void;
}

/**
 * A history that outlives the process and is shared by those of one project. What reads it rejects with
 * `HistoryUnreadableError` (`ERR_HISTORY_UNREADABLE`) where the system does not let us; so does `clear` of a directory
 * that can't be read, and with `HistoryNotClearedError` (`ERR_HISTORY_NOT_CLEARED`) where a file can't be removed.
 */
export function createFileHistory(options: FileHistoryOptions): History {
  const {
    directory,
    onUnreadable,
    segmentBytes = 16 << 20,
    retainedBytes = 200 << 20,
    chunkBytes = 256 << 10,
  } = options;
  const writer = createSegmentWriter({ ...options, segmentBytes, retainedBytes });
  const reading = { directory, chunkBytes, damage: createDamageLog(directory, options.onDamaged) };
  const read = (query: HistoryQuery = {}): AsyncIterable<Delivery> => newestFirst(reading, query);

  return {
    append: async (delivery) => writer.append(deliveryText(delivery)),
    get: async (id) => {
      const containing = `"id":${JSON.stringify(id)}`;
      for await (const delivery of read({ containing, where: (each) => each.id === id })) return delivery;
      return undefined;
    },
    list: async ({ limit, ...query }) => {
      const found: Delivery[] = [];
      if (limit <= 0) return found;
      for await (const delivery of read(query)) if (found.push(delivery) >= limit) break;
      return found;
    },
    read,
    follow: (signal, onCleared) => followSegments({ ...reading, onCleared, onUnreadable }, signal),
    clear: async () => {
      writer.close();
      clearSegments(directory);
    },
    close: async () => writer.close(),
  };
}
