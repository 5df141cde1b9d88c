/** Sends recorded deliveries again, on behalf of the control API and of whoever sits at the terminal. */
import { randomBytes } from "node:crypto";
import { settleWithin } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { ReplayEdits } from "../delivery/replay.ts";
import { replayDelivery, type ReplayDeliveryOptions, type ReplayedDelivery } from "./replay-delivery.ts";

export type ReplayerOptions = Pick<
  ReplayDeliveryOptions,
  "clock" | "signingKeys" | "keys" | "issuer" | "timeoutMs" | "isInsecure" | "onWarning"
> & {
  /** Called when the new delivery is begun, and at its end. */
  readonly onChange: (delivery: Delivery) => void;
};

/** @param begun the new delivery @param changes what needed a new signature */
export type OnReplayBegun = (begun: Delivery, changes: readonly string[]) => void;

export interface Replayer {
  /**
   * @param onBegun called before anything else tells of it, and not at all when nothing is sent
   * @throws as `replayDelivery`
   */
  replay(delivery: Delivery, edits?: ReplayEdits, onBegun?: OnReplayBegun): Promise<ReplayedDelivery>;
  /** What is under way has `graceMs` to end, then it is cut off; it is recorded all the same. */
  close(graceMs: number): Promise<void>;
}

/** @param known asked for at each replay. */
export function createReplayer(known: () => ReplayerOptions): Replayer {
  const ended = new AbortController();
  const underWay = new Set<Promise<ReplayedDelivery>>();
  const send = async (
    delivery: Delivery,
    edits: ReplayEdits,
    onBegun: OnReplayBegun | undefined,
  ): Promise<ReplayedDelivery> => {
    const options = known();
    return await replayDelivery(delivery, edits, {
      ...options,
      randomBytes,
      signal: ended.signal,
      onChange: (replayed, changes) => {
        if (replayed.attempts.length === 0) onBegun?.(replayed, changes);
        options.onChange(replayed);
      },
    });
  };
  return {
    replay: async (delivery, edits = {}, onBegun) => {
      const sending = send(delivery, edits, onBegun);
      underWay.add(sending);
      try {
        return await sending;
      } finally {
        underWay.delete(sending);
      }
    },
    close: async (graceMs) => {
      if (underWay.size > 0) await settleWithin(underWay, graceMs, known().clock);
      ended.abort();
      await Promise.allSettled(underWay);
    },
  };
}
