/** Which process listens on a port, where the system tells. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

const listening = "0A";

/**
 * The process that listens on a TCP port of this machine, from `/proc` (Linux, own processes);
 * `undefined` elsewhere or when it may not be known.
 */
export function findPortOwner(port: number): PortOwner | undefined {
  const sockets = new Set([
    ...listeningInodes("/proc/net/tcp", port),
    ...listeningInodes("/proc/net/tcp6", port),
  ]);
  if (sockets.size === 0) return undefined;
  const pid = attempt(() => readdirSync("/proc"), [])
    .filter((entry) => /^\d+$/.test(entry))
    .find((entry) =>
      attempt(() => readdirSync(`/proc/${entry}/fd`), []).some((descriptor) =>
        sockets.has(attempt(() => readlinkSync(`/proc/${entry}/fd/${descriptor}`), "")),
      ),
    );
  if (pid === undefined) return undefined;
  const command = attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim(), "");
  return { pid: Number(pid), command };
}

function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return attempt(() => readFileSync(table, "utf8"), "")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${wanted}`) === true && fields[3] === listening)
    .map((fields) => `socket:[${fields[9]}]`);
}

function attempt<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
