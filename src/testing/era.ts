import type { Delivery } from "../delivery/delivery.ts";
import { createDeliveryRecord, type DeliveryRecord } from "./delivery-record.ts";

/** What a mock has done since its start or its latest reset; what was begun in one never shows up in the next. */
export interface Era {
  readonly record: DeliveryRecord;
  readonly ended: AbortController;
  /** The tokens of `createRequest` by event id: a handler may ask the Management API for its event. */
  readonly requested: Map<string, string>;
  /** What `waitFor` has given and not settled yet. */
  readonly waits: Set<Wait>;
}

export interface Wait {
  readonly waiting?: Promise<Delivery>;
}

export function beginEra(): Era {
  return {
    record: createDeliveryRecord(),
    ended: new AbortController(),
    requested: new Map(),
    waits: new Set(),
  };
}

const keptTokens = 10_000;

/** Keeps the newest, as many as there are deliveries. */
export function keepToken(requested: Map<string, string>, eventId: string, token: string): void {
  requested.set(eventId, token);
  const [oldest] = requested.keys();
  if (requested.size > keptTokens && oldest !== undefined) requested.delete(oldest);
}

/** Ends all that is waited for in it. */
export function endEra({ ended, waits }: Era, reason: Error): void {
  // A test that failed before it awaited one of them is to end with its own failure, not with this reason.
  for (const { waiting } of waits) waiting?.catch(() => {});
  ended.abort(reason);
}
