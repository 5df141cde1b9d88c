/** How a tunnel is, as the inspector shows it. */
import { forwardedEndpointOf, proposedPath, type Forward } from "../delivery/forward.ts";
import type { Status } from "../inspector/protocol.ts";
import type { RefusedRequest } from "../relay/intake.ts";
import type { TunnelChange } from "../tunnel/outage.ts";
import { processStatus } from "./process-status.ts";

export interface TunnelStatus {
  (): Status;
  /** The tunnel is open. @param url its origin */
  opened(url: string): void;
  changed(change: TunnelChange): void;
  refused(request: RefusedRequest): void;
}

export interface TunnelStatusOptions {
  readonly localIssuer: string;
  readonly realIssuer: string | undefined;
  readonly forwards: readonly Forward[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What changes while it runs, asked for each time. */
  readonly current: () => Pick<Status, "apps" | "isPaused" | "isRedacted" | "shielded">;
}

// What no webhook of Kinde's is refused with, or what the page says anyway.
const untold: ReadonlySet<RefusedRequest["code"]> = new Set([
  "ERR_NOT_A_WEBHOOK_REQUEST",
  "ERR_MALFORMED_REQUEST",
  "ERR_CLOSING",
  "ERR_PAUSED",
]);

export function createTunnelStatus(options: TunnelStatusOptions): TunnelStatus {
  const { localIssuer, realIssuer = null, forwards, now, current } = options;
  const process = processStatus("tunnel", now());
  const endpoints = [...new Set(forwards.map((forward) => forwardedEndpointOf(forward).href))];
  const path = proposedPath(forwards);
  let tunnel: Status["tunnel"] = null;
  let refused: Status["refused"] = null;
  const status = (): Status => ({
    ...process,
    localIssuer,
    realIssuer,
    tunnel,
    endpoints,
    ...current(),
    refused,
    webhooks: [],
    now: null,
  });
  return Object.assign(status, {
    opened: (url: string) => {
      const since = new Date(now()).toISOString();
      tunnel = { publicUrl: url, endpoint: url + path, state: "up", reason: null, since };
    },
    changed: ({ url, state, reason, startedAt, endedAt }: TunnelChange) => {
      const isUp = state === "up";
      tunnel = {
        publicUrl: url,
        endpoint: url + path,
        state,
        reason: isUp ? null : reason,
        since: (isUp ? endedAt : null) ?? startedAt,
      };
    },
    refused: ({ code, reason }: RefusedRequest) => {
      if (untold.has(code)) return;
      refused = { count: (refused?.count ?? 0) + 1, at: new Date(now()).toISOString(), code, reason };
    },
  });
}
