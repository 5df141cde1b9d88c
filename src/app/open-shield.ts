/** The shield of a tunnel, if it needs one: to take webhooks over, or to bring to its end what an earlier one has taken. */
import { endDelivery, type Delivery } from "../delivery/delivery.ts";
import { createScheduleClock } from "../delivery/schedule-clock.ts";
import type { PendingFile } from "../history/pending-file.ts";
import { createAppSender, type AppSenderOptions } from "../relay/app-sender.ts";
import type { KindeOutlook } from "../relay/kinde-outlook.ts";
import type { RelayedDeliveries } from "../relay/relayed-deliveries.ts";
import type { Sender } from "../relay/sender.ts";
import type { Accepted, Shield, ShieldOptions } from "../relay/shield.ts";
import { createRandomPool } from "./random-pool.ts";

/** Whether webhooks are taken over, and where they are kept. */
export interface Shielding extends Pick<ShieldOptions, "isOn" | "schedule"> {
  readonly pending: PendingFile<Accepted>;
}

export interface OpenShieldOptions
  extends
    Pick<ShieldOptions, "headers" | "timeoutMs" | "isInsecure">,
    Omit<AppSenderOptions, "holdMs" | "abort"> {
  readonly shielding: Shielding;
  readonly listener: ShieldListener & { readonly keep: (delivery: Delivery) => void };
}

export interface ShieldListener extends Pick<ShieldOptions, "onTaken" | "onShielded" | "onFailure"> {
  /** An earlier tunnel has left these. */
  readonly onResume: (deliveries: readonly Delivery[]) => void;
}

/** Its sender has had its answer. */
const nobodyWaits: Sender = { isGone: () => false, onGone: () => () => {} };

/**
 * Claims what an earlier tunnel has left; nothing of it is attempted before `resume`.
 * @param deliveries those that their sender tries again, until they are taken over
 * @param outlook told of each that was taken over
 */
export async function openShield(
  options: OpenShieldOptions,
  deliveries: Pick<RelayedDeliveries, "release">,
  outlook: Pick<KindeOutlook, "took">,
): Promise<Shield | undefined> {
  const { shielding, clock, listener } = options;
  const left = shielding.pending.claim();
  if (!shielding.isOn && left.length === 0) return undefined;
  // Most tunnels have neither.
  const { createShield } = await import("./sent-from-here.ts");
  // What an app that restarts misses it gets again in a moment; nothing has to wait for it.
  // And nothing that waits for its turn at the end is to be sent: it is the next tunnel's.
  const ended = new AbortController();
  const sendToApp = createAppSender({ ...options, holdMs: 0, abort: ended.signal });
  const shield = createShield({
    ...options,
    ...shielding,
    ...listener,
    left,
    time: createScheduleClock(clock),
    randomBytes: createRandomPool(),
    send: async (endpoint, outgoing, sendOptions) =>
      await sendToApp({ endpoint, outgoing, options: sendOptions, webhookId: null, sender: nobodyWaits }),
  });
  return {
    ...shield,
    take: async (admitted, webhook) => {
      const taken = await shield.take(admitted, webhook);
      if (taken.state !== "accepted") return taken;
      outlook.took({ verification: admitted.verification, webhookId: webhook.webhookId });
      for (const { href: endpoint } of webhook.endpoints) {
        // Of a run without a shield: its sender will not try it again.
        const before = deliveries.release({ webhookId: webhook.webhookId, endpoint });
        if (before !== undefined) listener.keep(endDelivery(before, "cancelled"));
      }
      return taken;
    },
    resume: () => {
      if (left.length > 0) listener.onResume(left);
      shield.resume();
    },
    close: async (graceMs) => {
      const closing = shield.close(graceMs);
      ended.abort();
      await closing;
    },
  };
}
