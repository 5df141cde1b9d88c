/**
 * What a process has not brought to its end, on disk, so that the next one can: `pending/<owner>.ndjson`, a line for each
 * change of a delivery. Each process has a file of its own. What one that is no more has left is claimed by renaming its
 * file, in which only one can succeed.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { deliveryText } from "../delivery/delivery-json.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import { isRunning, ownIdentity } from "../project/process-identity.ts";
import { createGroupSync } from "./group-sync.ts";
import { syncDirectory, syncFile, type SyncFile } from "./lasting.ts";
import { parseRecord, readLines } from "./records.ts";

/** @template Kept a delivery, with what it needs to be gone on with */
export interface PendingFile<Kept extends Delivery = Delivery> {
  /** Keeps a delivery as long as it is pending. Once this returns it outlives the process, if not the machine. */
  keep(delivery: Kept): void;
  /**
   * Keeps new deliveries so that they outlive the machine too, all of them or none.
   * @throws what the system says; then none is kept
   */
  commit(deliveries: readonly Kept[]): Promise<void>;
  /** Takes over what processes that are no more have left pending. */
  claim(): readonly Kept[];
  /** Leaves what is still pending to the next process. @throws when some of it can't be written */
  close(): void;
}

export interface PendingFileOptions {
  /** The `pending` directory; made before the first line. */
  readonly directory: string;
  readonly ensureDirectory: () => void;
  /** Size in bytes at which what has ended is dropped from the file. */
  readonly compactBytes?: number;
  /** Whether what is claimed, or written anew, has to outlive the machine as well, as what is committed does. */
  readonly isLasting?: boolean;
  /** Default: the system's. */
  readonly sync?: SyncFile;
}

export function createPendingFile<Kept extends Delivery = Delivery>(
  options: PendingFileOptions,
): PendingFile<Kept> {
  const { directory, compactBytes = 4 << 20, isLasting = false, sync = syncFile } = options;
  const path = join(directory, nameFor(ownIdentity()));
  const pending = new Map<string, Kept>();
  let descriptor: number | undefined;
  /** Whether there is a name in the directory that may not outlive the machine yet. */
  let isNameNew = false;
  let bytes = 0;
  let keptBytes = 0;
  /** Whether something that is pending could not be written. */
  let isIncomplete = false;

  const write = (delivery: Kept): void => {
    descriptor ??= open(path);
    bytes += writeLine(descriptor, delivery);
  };
  const open = (at: string): number => {
    options.ensureDirectory();
    const opened = openSync(at, "a", 0o600);
    chmodSync(at, 0o600);
    isNameNew = true;
    return opened;
  };
  let syncing: Promise<void> | undefined;
  const closeFile = (closed: number): void => {
    // While it is synced its number must not become another file's.
    if (syncing === undefined) closeSync(closed);
    else void syncing.catch(() => {}).finally(() => closeSync(closed));
  };
  const lasting = createGroupSync(async () => {
    if (isIncomplete) replaceFile();
    if (descriptor === undefined) throw new Error("the file is closed");
    if (isNameNew) syncDirectory(directory);
    isNameNew = false;
    syncing = sync(descriptor).finally(() => (syncing = undefined));
    try {
      await syncing;
    } catch (error) {
      // A disk that has failed once may say of the same bytes that all is well.
      isIncomplete = true;
      throw error;
    }
  });
  /** Drops what has ended; a killed process, or a full disk, leaves the old file or the new one. */
  const compact = (): void => {
    // What fails is tried again when the file has doubled, not with each line.
    keptBytes = bytes;
    if (pending.size === 0) {
      if (descriptor !== undefined) ftruncateSync(descriptor);
      bytes = 0;
    } else replaceFile();
    keptBytes = bytes;
  };
  const replaceFile = (): void => {
    const nextPath = join(directory, nameFor(ownIdentity()));
    const next = open(nextPath);
    let nextBytes = 0;
    try {
      for (const delivery of pending.values()) nextBytes += writeLine(next, delivery);
      // What a commit has promised stands in the old file, whose name this one takes.
      if (isLasting) fsyncSync(next);
      renameSync(nextPath, path);
    } catch (error) {
      closeSync(next);
      rmSync(nextPath, { force: true });
      throw error;
    }
    if (descriptor !== undefined) closeFile(descriptor);
    descriptor = next;
    bytes = nextBytes;
    isIncomplete = false;
  };
  /** What is written to a file that somebody has removed is gone with its last descriptor. */
  const isRemoved = (): boolean => descriptor !== undefined && fstatSync(descriptor).nlink === 0;
  const keep = (delivery: Kept): void => {
    const isKnown = pending.has(delivery.id);
    if (delivery.state === "pending") pending.set(delivery.id, delivery);
    else pending.delete(delivery.id);
    if (delivery.state !== "pending" && !isKnown) return;
    const wasIncomplete = isIncomplete || isRemoved();
    isIncomplete = true;
    if (wasIncomplete) replaceFile();
    else write(delivery);
    isIncomplete = false;
    // What is still pending would be copied each time: not before it is the smaller part.
    if (bytes > compactBytes && bytes > 2 * keptBytes) compact();
  };

  return {
    keep,
    commit: async (deliveries) => {
      try {
        for (const delivery of deliveries) keep(delivery);
        await lasting();
      } catch (error) {
        for (const { id } of deliveries) pending.delete(id);
        // The file may hold some of them.
        isIncomplete = true;
        throw error;
      }
    },
    claim: () => {
      const claimed = claimFiles(directory);
      // What they hold beside a delivery is their owner's to narrow.
      const found = readPending(claimed) as readonly Kept[];
      for (const delivery of found) keep(delivery);
      if (isLasting && descriptor !== undefined) fsyncSync(descriptor);
      for (const file of claimed) rmSync(file, { force: true });
      return found;
    },
    close: () => {
      if (isIncomplete || (pending.size > 0 && isRemoved())) replaceFile();
      if (descriptor === undefined) return;
      closeFile(descriptor);
      descriptor = undefined;
      if (pending.size === 0) rmSync(path, { force: true });
      else renameSync(path, join(directory, nameFor(undefined)));
    },
  };
}

/** @returns the bytes written */
function writeLine(descriptor: number, delivery: Delivery): number {
  const line = deliveryText(delivery);
  const written = writeSync(descriptor, line);
  const size = Buffer.byteLength(line);
  if (written < size) throw new Error(`only ${written} of ${size} bytes could be written`);
  return written;
}

const namePattern = /^(?:(\d+)-(\d*)|left)\.[\da-f]+\.ndjson$/;

/** @param owner `undefined` for what anybody may take */
function nameFor(owner: { readonly pid: number; readonly started: string } | undefined): string {
  const prefix = owner === undefined ? "left" : `${owner.pid}-${owner.started}`;
  return `${prefix}.${randomBytes(8).toString("hex")}.ndjson`;
}

/** @returns the paths of the files that nobody owned any more, ours by now */
function claimFiles(directory: string): string[] {
  return listNames(directory).flatMap((name) => {
    const [matched, pid, started = ""] = namePattern.exec(name) ?? [];
    if (matched === undefined) return [];
    if (pid !== undefined && isRunning({ pid: Number(pid), started })) return [];
    const mine = join(directory, nameFor(ownIdentity()));
    try {
      renameSync(join(directory, name), mine);
      return [mine];
    } catch (error) {
      // Another process was faster.
      if (systemErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  });
}

function readPending(paths: readonly string[]): readonly Delivery[] {
  const latest = new Map<string, Delivery>();
  for (const path of paths) {
    for (const line of readLines(path)) {
      const delivery = parseRecord(line);
      if (delivery !== undefined) latest.set(delivery.id, delivery);
    }
  }
  return [...latest.values()].filter(({ state }) => state === "pending");
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
}
