import { randomUUID } from "node:crypto";
import type { Status } from "../inspector/protocol.ts";

/** What the inspector shows of this process that stays as it is. @param startedAt epoch milliseconds */
export function processStatus(
  command: Status["command"],
  startedAt: number,
): Pick<Status, "name" | "version" | "command" | "pid" | "startedAt" | "runId"> {
  return {
    name: "kinde-devhook",
    version: __VERSION__,
    command,
    pid: process.pid,
    startedAt: new Date(startedAt).toISOString(),
    runId: randomUUID(),
  };
}
