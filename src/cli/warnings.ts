/** Warnings and notes that several commands give. */
import { join } from "node:path";
import { isUserError } from "../kinde/errors.ts";
import type { EventType } from "../kinde/event-data.ts";
import { isLoopbackHost } from "../net/loopback.ts";
import type { Project } from "../project/directory.ts";
import type { ProjectKeys } from "../project/project-keys.ts";
import type { Reporter } from "./output/reporter.ts";

/** Tells that the private key is or was open to others of this machine. */
export function warnIfExposed(
  { exposure }: Pick<ProjectKeys, "exposure">,
  project: Project,
  reporter: Reporter,
): void {
  if (exposure === "none") return;
  const state =
    exposure === "mended"
      ? "could be read by other users of this machine; it is 0600 now"
      : "can be read by other users of this machine, and its mode can't be changed";
  reporter.record({
    record: "warning",
    code: "WARN_KEYS_EXPOSED",
    message:
      `${join(project.directory, "keys.json")} ${state}. ` +
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

/** Records an event that was not emitted, for nothing wants its type. */
export function recordSkipped(type: EventType, reporter: Reporter): void {
  const reason = "no endpoint wants this event type";
  reporter.record({ record: "skipped", webhookId: null, event: { type }, reason });
}

/** Tells which event types were not emitted, for nothing wants them. */
export function tellSkipped(eventTypes: ReadonlySet<EventType>, reporter: Reporter): void {
  if (eventTypes.size === 0) return;
  reporter.note(`Skipped, as no endpoint wants them: ${[...eventTypes].join(", ")}.`);
}

/** Tells that the real issuer's keys can't be had, and what that means here. */
export function warnOfJwks(error: unknown, meaning: string, reporter: Reporter): void {
  const cause = error instanceof Error ? error.message : String(error);
  reporter.record({ record: "warning", code: "WARN_JWKS_UNREACHABLE", message: `${cause} ${meaning}` });
}

/** What to do when the issuer that is named is a port of this machine, and nobody is there. */
export function standInAdvice(realIssuer: string | null, issuerPort: number): string | undefined {
  const url = realIssuer === null ? undefined : new URL(realIssuer);
  if (url === undefined || !isLoopbackHost(url.hostname)) return undefined;
  return (
    `If that is what your app trusts as KINDE_ISSUER_URL, serve it there: --issuer-port ${url.port || 80}. ` +
    `Now the keys are at http://localhost:${issuerPort}.`
  );
}

/** Tells that the certificates of the local issuer can't be made; without them it is there all the same. */
export function warnOfNoTls(reporter: Reporter): (error: unknown) => undefined {
  return (error) => {
    if (!isUserError(error)) throw error;
    const message = `${error.message} Until then the local issuer answers http alone.`;
    reporter.record({ record: "warning", code: "WARN_NO_TLS", message });
  };
}
