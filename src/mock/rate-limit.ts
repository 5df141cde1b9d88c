/** Calls that the Management API refuses with 429 because a test has asked for it: Kinde's own limits are not known. */

export interface RateLimitOrder {
  /** How many of the next calls are refused, however long that takes; 0 ends it. */
  readonly calls: number;
  /** When to try again, as the answers say it: in seconds. */
  readonly resetSeconds: number;
}

export interface RateLimit {
  /** Refuses the next calls; takes the place of an order before it. */
  limit(order: RateLimitOrder): void;
  /** Counts a call. @returns `undefined` when it may pass, else when to try again, in seconds */
  take(): number | undefined;
}

/** Every call may pass. */
export const noLimit: RateLimitOrder = { calls: 0, resetSeconds: 0 };

export function createRateLimit(): RateLimit {
  let { calls, resetSeconds } = noLimit;
  return {
    limit: (order) => ({ calls, resetSeconds } = order),
    take: () => {
      if (calls === 0) return undefined;
      calls--;
      return resetSeconds;
    },
  };
}
