/** What a tunnel emits and replays on behalf of the control API, as it is told and kept. */
import type { TunnelListener } from "../../app/start-tunnel-options.ts";
import { isToBeKept } from "../../delivery/delivery.ts";
import { signerOf, type HintContext } from "../../delivery/hints.ts";
import { createDeliveryLog } from "../output/delivery-log.ts";
import type { Reporter } from "../output/reporter.ts";
import type { KeptHistory } from "../project-history.ts";

export type OwnListener = Pick<TunnelListener, "onOwn" | "onReplayWarning">;

export function createOwnListener(
  reporter: Reporter,
  history: KeptHistory,
  { withToken, hintContext }: { readonly withToken: boolean; readonly hintContext: () => HintContext },
): OwnListener {
  const log = createDeliveryLog({
    reporter,
    total: undefined,
    withToken,
    hintContext: (delivery) => {
      const context = hintContext();
      return { ...context, signer: signerOf(delivery, context.localIssuer), isOnce: true };
    },
  });
  return {
    onOwn: (delivery) => {
      if (isToBeKept(delivery)) history.keep(delivery);
      log.onChange(delivery);
    },
    onReplayWarning: (warning) => reporter.record({ record: "warning", ...warning }),
  };
}
