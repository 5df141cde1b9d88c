/** What a tunnel emits and replays on behalf of the control API, as it is told and kept. */
import type { TunnelListener } from "../../app/start-tunnel-options.ts";
import { isToBeKept } from "../../delivery/delivery.ts";
import type { Reporter } from "../output/reporter.ts";
import type { KeptHistory } from "../project-history.ts";
import { createTunnelLog, type Telling } from "./tunnel-log.ts";

export type OwnListener = Pick<TunnelListener, "onOwn" | "onReplayWarning">;

export function createOwnListener(reporter: Reporter, history: KeptHistory, telling: Telling): OwnListener {
  const log = createTunnelLog(reporter, telling, { isOnce: true });
  return {
    onOwn: (delivery) => {
      if (isToBeKept(delivery)) history.keep(delivery);
      log.onChange(delivery);
    },
    onReplayWarning: (warning) => reporter.record({ record: "warning", ...warning }),
  };
}
