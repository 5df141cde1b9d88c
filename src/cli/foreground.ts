/** Which process has it: of several groups that share one, the group in its foreground. */
import { readFileSync } from "node:fs";

/** Whether a process is in the foreground of its terminal; `undefined` where the system does not tell as Linux does. */
export function readForeground(pid: number | "self"): boolean | undefined {
  const fields = readStatus(pid);
  if (fields === undefined) return undefined;
  const [, , group, , , foregroundGroup] = fields;
  return group === foregroundGroup;
}

/** Whether this process may touch its terminal: from the background that would stop it. `false` when nobody can tell. */
export async function isInForeground(): Promise<boolean> {
  // There is no background.
  if (process.platform === "win32") return true;
  return readForeground("self") ?? (await askForForeground());
}

async function askForForeground(): Promise<boolean> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve) => {
    execFile("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], (error, stdout) => {
      const [group, foregroundGroup] = stdout.trim().split(/\s+/);
      resolve(error === null && group !== undefined && group === foregroundGroup);
    });
  });
}

/** The fields of `/proc/<pid>/stat` behind the program's name, which may hold spaces and brackets itself: proc(5). */
function readStatus(pid: number | "self"): readonly string[] | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
