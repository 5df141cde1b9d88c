import type { DeliveryDetail } from "../../protocol.ts";

/** In words, for the buttons that can't do anything now. */
export const readOnlyReason =
  "Nothing can be sent: this page shows what a process left that has ended. Open the URL that the next one prints.";

/** Why a delivery can't be sent again, or `undefined` when it can. */
export function whyNoReplay({ delivery }: DeliveryDetail, isReadOnly: boolean): string | undefined {
  if (isReadOnly) return readOnlyReason;
  if (delivery.isRedacted !== true) return undefined;
  const again = delivery.event === null ? "" : ` Emit ${delivery.event.type} for one like it.`;
  return `It can't be replayed: it was recorded with --redact, so its token was not kept.${again}`;
}
