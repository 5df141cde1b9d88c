import { signerOf, type HintContext } from "../../delivery/hints.ts";
import { createDeliveryLog, type DeliveryLog } from "../output/delivery-log.ts";
import type { Reporter } from "../output/reporter.ts";

/** How a tunnel tells of deliveries. */
export interface Telling {
  readonly withToken: boolean;
  readonly hintContext: () => HintContext;
}

/**
 * Tells of what a tunnel delivers itself, and Kinde does not try again.
 * @param more what is known of all of it
 */
export function createTunnelLog(
  reporter: Reporter,
  { withToken, hintContext }: Telling,
  more: Pick<HintContext, "isShielded" | "isOnce">,
): DeliveryLog {
  return createDeliveryLog({
    reporter,
    total: undefined,
    withToken,
    hintContext: (delivery) => {
      const context = hintContext();
      return { ...context, ...more, signer: signerOf(delivery, context.localIssuer) };
    },
  });
}
