/** The files of a history: `<day>.<number>.ndjson`. One holds what was appended on its day (UTC), until it was full. */
import { openSync, readdirSync, rmSync, statSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { DevhookError, systemErrorCode } from "../kinde/errors.ts";

export interface Segment {
  readonly name: string;
  /** `2026-01-10`. */
  readonly day: string;
  readonly number: number;
}

export interface SegmentList {
  /** The oldest first. */
  readonly segments: readonly Segment[];
  /** Names of files that look like a history's, of a format that is not ours. */
  readonly foreign: readonly string[];
}

/** The history is there, and can't be read. */
export class HistoryUnreadableError extends DevhookError {
  override readonly code = "ERR_HISTORY_UNREADABLE";
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super(
      `Failed to read the history: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        `Make ${path} readable for you, or remove it.`,
    );
    this.path = path;
    this.cause = cause;
  }
}

/** @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE`; a directory that is not there is empty */
export function listSegments(directory: string): SegmentList {
  const segments: Segment[] = [];
  const foreign: string[] = [];
  for (const entry of readEntries(directory)) {
    const { name } = entry;
    const [, day, number] = /^(\d{4}-\d\d-\d\d)\.(\d{4,})\.ndjson$/.exec(name) ?? [];
    const isOurs = day !== undefined && number !== undefined && !entry.isDirectory();
    if (isOurs) segments.push({ name, day, number: Number(number) });
    else if (name.includes(".ndjson")) foreign.push(name);
  }
  segments.sort((a, b) => (a.day === b.day ? a.number - b.number : a.day < b.day ? -1 : 1));
  return { segments, foreign };
}

/** The name of the segment to write to: the day's last one that is not full. */
export function currentSegment(directory: string, day: string, segmentBytes: number): string {
  const last = listSegments(directory).segments.findLast((segment) => segment.day === day);
  if (last === undefined) return segmentName(day, 1);
  return sizeOf(join(directory, last.name)) < segmentBytes ? last.name : segmentName(day, last.number + 1);
}

/**
 * Opens a segment to read it: a descriptor, `undefined` when another process has just removed it.
 * @throws {HistoryUnreadableError} `ERR_HISTORY_UNREADABLE`
 */
export function openUnlessRemoved(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw new HistoryUnreadableError(path, error);
  }
}

const retainedDays = 7;

/** Removes the segments that are older than seven days, or too many, from the oldest on. */
export function dropExpired(directory: string, now: number, retainedBytes: number): void {
  const oldestDay = dayOf(now - retainedDays * dayMs);
  const { segments } = listSegments(directory);
  let bytes = 0;
  // From the newest: once they are too many, all before are.
  const lastExpired = segments.findLastIndex(({ name, day }) => {
    bytes += sizeOf(join(directory, name));
    return day < oldestDay || bytes > retainedBytes;
  });
  for (const { name } of segments.slice(0, lastExpired + 1)) rmSync(join(directory, name), { force: true });
}

const dayMs = 24 * 60 * 60 * 1000;

/** The day of a time in epoch milliseconds, by UTC. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** When a day ends, in epoch milliseconds. */
export function endOf(day: string): number {
  return Date.parse(day) + dayMs;
}

function segmentName(day: string, number: number): string {
  return `${day}.${String(number).padStart(4, "0")}.ndjson`;
}

/** 0 when another process has just removed it. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readEntries(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw new HistoryUnreadableError(directory, error);
  }
}
