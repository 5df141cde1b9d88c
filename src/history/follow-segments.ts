/** What is appended to a history from now on, by whatever process: its newest files are looked at several times a second. */
import { join } from "node:path";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import type { Delivery } from "../delivery/delivery.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import type { DamageLog } from "./damage.ts";
import { followFile, identifyFile, type FollowedFile } from "./followed-file.ts";
import { parseDelivery } from "./parse-delivery.ts";
import { HistoryUnreadableError, listSegments } from "./segments.ts";

export interface FollowOptions {
  readonly directory: string;
  readonly damage: DamageLog;
  /** How much is read at once, in bytes. */
  readonly chunkBytes: number;
  /** All that there was is gone; told before what came after. */
  readonly onCleared?: (() => void) | undefined;
  /** Called each time that it can't be read for now. */
  readonly onUnreadable?: ((error: Error) => void) | undefined;
}

// What watches for changes tells late, twice or not at all on some systems.
const lookEveryMs = 100;
// What the system does not let us, as with too many files open, it may in a moment.
const tryAgainAfterMs = 1_000;
// A process may still be about to write to a segment that another has just found full.
const followedCount = 3;

/**
 * Begins now, not with the first delivery that is asked for. What is cleared before it was looked at is not told. What
 * can't be read later on is tried again, and told once it can be.
 * @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE` at the beginning
 */
export function followSegments(options: FollowOptions, signal: AbortSignal): AsyncIterable<Delivery> {
  const files = openFiles(options);
  const close = (): void => files.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  return follow();

  async function* follow(): AsyncGenerator<Delivery> {
    let isReadable = true;
    /** @returns `undefined` as well for what can't be read for now */
    const attempt = <Value>(read: () => Value): Value | undefined => {
      try {
        return read();
      } catch (error) {
        if (!isOfSystem(error)) throw error;
        isReadable = false;
        options.onUnreadable?.(error);
        return undefined;
      }
    };
    try {
      while (!signal.aborted) {
        isReadable = true;
        attempt(files.refresh);
        for (const { name, file } of files.followed()) {
          // What ends it closes the files.
          for (
            let lines = attempt(file.read);
            lines !== undefined;
            lines = signal.aborted ? undefined : attempt(file.read)
          ) {
            const found = options.damage.begin(name);
            for (const { bytes, offset } of lines) {
              const delivery = parseDelivery(bytes.toString());
              if (typeof delivery === "string") found.note(offset, delivery);
              else yield delivery;
              if (signal.aborted) return;
            }
            await found.tell();
            await turn();
          }
          if (signal.aborted) return;
        }
        if (isReadable) files.settle();
        await wait(isReadable ? lookEveryMs : tryAgainAfterMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof HistoryUnreadableError || systemErrorCode(error) !== undefined;
}

interface Followed {
  readonly name: string;
  readonly file: FollowedFile;
}

interface Files {
  /** The oldest first. */
  followed(): readonly Followed[];
  /** Lets go of what was removed, and takes up what is new. After an error the next call goes on where this one ended. */
  refresh(): void;
  /** All but the newest have been read, and will hardly be written to again. */
  settle(): void;
  close(): void;
}

function openFiles({ directory, chunkBytes, onCleared }: FollowOptions): Files {
  const listNames = (): string[] => listSegments(directory).segments.map(({ name }) => name);
  const identify = (name: string): string | undefined => identifyFile(join(directory, name));
  let followed: Followed[] = [];
  /** What there is beside: which file it was, as far as can be told when it is not kept open. */
  let settled = new Map<string, string | undefined>();
  /** After a clearing the name of one that was settled may be a new one's. */
  let areNamesCertain = true;
  const close = (): void => {
    for (const { file } of followed.splice(0)) file.close();
  };
  const open = (names: readonly string[], isNew: boolean): void => {
    for (const name of names) {
      const file = followFile(join(directory, name), isNew, chunkBytes);
      if (file !== undefined) followed.push({ name, file });
    }
  };
  try {
    const names = listNames();
    open(names.slice(-followedCount), false);
    settled = new Map(names.slice(0, -followedCount).map((name) => [name, identify(name)]));
  } catch (error) {
    close();
    throw error;
  }
  return {
    followed: () => followed,
    refresh: () => {
      const removed = followed.filter(({ file }) => file.isRemoved());
      // What is too old goes from the oldest on: with the newest file all has gone.
      if (removed.length > 0 && removed.at(-1) === followed.at(-1)) onCleared?.();
      for (const { file } of removed) file.close();
      followed = followed.filter((each) => !removed.includes(each));
      areNamesCertain &&= removed.length === 0;
      const isSettled = (name: string): boolean =>
        settled.has(name) && (areNamesCertain || settled.get(name) === identify(name));
      const listed = listNames();
      settled = new Map(listed.filter(isSettled).map((name) => [name, settled.get(name)]));
      const isKnown = (name: string): boolean =>
        settled.has(name) || followed.some((each) => each.name === name);
      open(
        listed.filter((name) => !isKnown(name)),
        true,
      );
      areNamesCertain = true;
    },
    settle: () => {
      for (const { name, file } of followed.splice(0, followed.length - followedCount)) {
        // A clearing may have come between: then the name is another file's.
        if (!file.isRemoved()) settled.set(name, file.identity());
        file.close();
      }
    },
    close,
  };
}
