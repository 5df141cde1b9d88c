/** Which process something belongs to, so that nobody takes a later one with the same number for it. */
import { readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, by the system's own count; empty where the system does not tell. */
  readonly started: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: readStart(process.pid) ?? "" };
}

/** Within which process numbers name the same processes, as Linux tells it: pid_namespaces(7); empty elsewhere. */
export function ownPidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** Whether the process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process can't be signalled, but it is there.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  if (isDefunct(pid)) return false;
  const startedNow = readStart(pid);
  return started === "" || startedNow === undefined || startedNow === started;
}

function readStart(pid: number): string | undefined {
  return readStat(pid)[19];
}

/** One that has ended stays in the table until its parent asks for it, which process 1 of a container may never do. */
function isDefunct(pid: number): boolean {
  const [state = ""] = readStat(pid);
  return ["Z", "X"].includes(state);
}

/** Linux' /proc/<pid>/stat from field 3 on, the state; the second, the command, may hold spaces and brackets itself. */
function readStat(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
