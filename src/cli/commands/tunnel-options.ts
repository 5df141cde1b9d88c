import { parseForward, type Forward } from "../../delivery/forward.ts";
import type { RetrySchedule } from "../../kinde/retry-schedule.ts";
import type { Project } from "../../project/directory.ts";
import { readState } from "../../project/state-file.ts";
import type { Named } from "./shared-options.ts";

/** The options of `tunnel`, as they are read. Times in milliseconds. */
export interface TunnelOptions {
  readonly forward: readonly Forward[];
  readonly issuer: Named | undefined;
  readonly subdomain: string | undefined;
  readonly "any-subdomain": boolean;
  readonly host: URL | undefined;
  readonly provider: "localtunnel" | "ngrok" | undefined;
  readonly "public-url": URL | undefined;
  readonly "intake-port": number | undefined;
  readonly "event-types": readonly string[];
  readonly header: readonly (readonly [name: string, value: string])[];
  readonly timeout: number | undefined;
  readonly hold: number;
  readonly concurrency: number | undefined;
  readonly insecure: boolean;
  readonly "allow-old": boolean;
  readonly "allow-unverified": boolean;
  readonly shield: boolean;
  readonly "retry-schedule": RetrySchedule | undefined;
  readonly "no-history": boolean;
  readonly "no-inspector": boolean;
  readonly redact: boolean;
  readonly "issuer-port": number;
  readonly "json-token": boolean;
}

const defaultForward = "3000";

/** Where to forward to: what was given, else what is remembered, else the default. */
export function forwardsOf(given: readonly Forward[], project: Project): readonly Forward[] {
  if (given.length > 0) return given;
  const remembered = (readState(project).forward ?? []).flatMap((text) => {
    try {
      return [parseForward(text, "state.json")];
    } catch {
      // Written by a later version, perhaps: as good as forgotten.
      return [];
    }
  });
  return remembered.length > 0 ? remembered : [parseForward(defaultForward, "the default")];
}
