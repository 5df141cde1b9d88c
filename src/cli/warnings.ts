/** Warnings that several commands give. */
import { join } from "node:path";
import { isLoopbackHost } from "../net/loopback.ts";
import type { Project } from "../project/directory.ts";
import type { ProjectKey } from "../project/keys-file.ts";
import type { Reporter } from "./output/reporter.ts";

/** Tells once that the private key was open to others of this machine. */
export function warnIfExposed({ wasExposed }: ProjectKey, project: Project, reporter: Reporter): void {
  if (!wasExposed) return;
  reporter.record({
    record: "warning",
    code: "WARN_KEYS_EXPOSED",
    message:
      `${join(project.directory, "keys.json")} could be read by other users of this machine; it is 0600 now. ` +
      "If others may have read it, move it away and the next command makes a new key.",
  });
}

/** Tells of endpoints whose app can't reach the local issuer. */
export function warnIfRemote(endpoints: readonly URL[], reporter: Reporter): void {
  for (const { host, hostname } of endpoints) {
    if (isLoopbackHost(hostname)) continue;
    reporter.record({
      record: "warning",
      code: "WARN_REMOTE_ENDPOINT",
      message: `${host} is not this machine: an app there can't reach the local issuer to verify what is emitted.`,
    });
  }
}
