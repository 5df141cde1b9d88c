import type { Attempt, Delivery, FailedReason } from "../../../delivery/delivery.ts";

/** How a delivery stands, for the eye and in words. */
export interface Standing {
  readonly tone: "good" | "bad" | "waiting";
  readonly words: string;
}

const failures: Readonly<Record<FailedReason, string>> = {
  exhausted: "Failed: the retry schedule has no attempt left",
  disabled: "Failed: its webhook is disabled",
  cancelled: "Called off before its end",
  abandoned: "Given up: 36 hours without a 200",
  not_delivered: "Not delivered: its one attempt was not answered as wanted",
};

/** Of a delivery what tells how it stands: of its attempts their latest is enough. */
export interface Outline extends Omit<Delivery, "token" | "verification" | "attempts"> {
  readonly attempts: readonly Pick<Attempt, "status">[];
}

export function standingOf(delivery: Outline): Standing {
  const { state, failedReason, direction, attempts, isShielded } = delivery;
  if (delivery.verdict === "pass") return { tone: "good", words: "Answered as a correct handler does" };
  if (delivery.verdict === "fail") return { tone: "bad", words: "Not answered as a correct handler does" };
  if (state === "delivered") return { tone: "good", words: "Delivered" };
  if (state === "failed") {
    const words = failedReason === null ? "Failed" : failures[failedReason];
    return { tone: "bad", words };
  }
  if (attempts.length === 0) return { tone: "waiting", words: "On its way" };
  if (direction !== "relayed" || isShielded === true) {
    return { tone: "waiting", words: "Not delivered yet: it is tried again from here" };
  }
  return { tone: "waiting", words: "Not delivered yet: Kinde tries again" };
}

const directions: Readonly<Record<Delivery["direction"], string>> = {
  relayed: "came through the tunnel",
  emitted: "emitted here",
  replayed: "replayed here",
};

export function directionOf({ direction, isCopy, isShielded }: Outline): string {
  const more = isCopy === true ? ", a copy for one endpoint more" : isShielded === true ? ", shielded" : "";
  return directions[direction] + more;
}
