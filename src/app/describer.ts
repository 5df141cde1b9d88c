import type { Delivery } from "../delivery/delivery.ts";
import type { DeliveryDetail } from "../inspector/protocol.ts";
import type { DescribeOptions } from "../inspector/describe-delivery.ts";
import { loadOnce } from "../issuer/load-once.ts";
import { retrySchedule } from "../kinde/retry-schedule.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";

export interface DescriberOptions
  extends Pick<DescribeOptions, "hintContext">, Partial<Pick<DescribeOptions, "realIssuer" | "schedule">> {
  readonly signingKeys: Pick<RotatableKeys, "list">;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Describes deliveries for the control API; what that takes is loaded at the first of them.
 * @param known asked for each time, for it changes
 */
export function createDescriber(
  known: () => DescriberOptions,
): (delivery: Delivery) => Promise<DeliveryDetail> {
  const load = loadOnce(async () => await import("../inspector/inspector.ts"));
  return async (delivery) => {
    const { describeDelivery } = await load();
    const { signingKeys, now, hintContext, realIssuer, schedule = retrySchedule } = known();
    return describeDelivery(delivery, {
      hintContext,
      realIssuer,
      schedule,
      ownKeyIds: signingKeys.list().map(({ kid }) => kid),
      now: now(),
    });
  };
}
