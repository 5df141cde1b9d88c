/** What happens in a tunnel, as it is told and kept. */
import type { TunnelListener } from "../../app/start-tunnel-options.ts";
import { formatTime } from "../output/format.ts";
import type { ShieldListener } from "../../app/open-shield.ts";
import type { RelayLog } from "../output/relay-log.ts";
import type { Reporter } from "../output/reporter.ts";
import type { KeptHistory } from "../project-history.ts";
import { warnOfJwks } from "../warnings.ts";
import type { OwnListener } from "./tunnel-own.ts";

/** What its shield tells is told elsewhere, and what it sends of its own accord. */
export function createListener(
  reporter: Reporter,
  log: RelayLog,
  history: KeptHistory,
): Omit<TunnelListener, Exclude<keyof ShieldListener, "onFailure"> | keyof OwnListener> {
  let retriedFor: string | undefined;
  let urlBefore: string | undefined;
  return {
    keep: (delivery) => history.keep(delivery),
    onBegin: log.onBegin,
    onEnd: log.onEnd,
    onAbandoned: (delivery) => log.onAbandoned(delivery),
    onRefused: (refused) => log.onRefused({ record: "refused", ...refused }),
    onSkipped: log.onSkipped,
    onAppChange: (change) => log.onAppChange(change),
    onRetry: ({ code, reason }) => {
      const perhaps = code === "ERR_SUBDOMAIN_TAKEN" ? ", perhaps by a tunnel that has just stopped" : "";
      if (reason !== retriedFor) reporter.note(`Trying again for a few seconds: ${reason}${perhaps} …`);
      retriedFor = reason;
    },
    onChange: (change) => {
      log.record({ record: "tunnel", ...change });
      if (change.state === "down") urlBefore = change.url;
      if (change.state === "up" && change.url !== urlBefore) {
        const message = `the tunnel has another URL now, ${change.url}: tell Kinde, which goes on calling ${urlBefore}`;
        log.record({ record: "warning", code: "WARN_URL_CHANGED", message });
      }
    },
    onSlowDown: (intervalMs, reason) =>
      log.record({
        record: "warning",
        code: "WARN_PROBE_LIMITED",
        message: `${reason}: while no webhook comes, the tunnel is tried every ${formatTime(intervalMs)} from now on, and a dead one is noticed that much later`,
      }),
    onJwksFailure: (error) =>
      warnOfJwks(
        error,
        "Until then its webhooks are answered 503, and Kinde tries again; what is emitted here works.",
        reporter,
      ),
    onFailure: (error) =>
      log.record({
        record: "warning",
        code: "WARN_INTERNAL",
        message: `a webhook was answered 500 for a bug in kinde-devhook ${__VERSION__}; please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      }),
  };
}
