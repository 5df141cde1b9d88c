import type { Delivery } from "../../delivery/delivery.ts";
import type { ReplayRecord } from "./records.ts";

export interface ReplayRecordOptions {
  /** What needed a new signature; empty when the bytes are those that were recorded. */
  readonly changes: readonly string[];
  readonly isSameId: boolean;
  /** Whether a key is this project's. */
  readonly isOwnKey: (kid: string) => boolean;
}

/** What is said of a replay that has begun. @param recorded what is sent again */
export function createReplayRecord(
  recorded: Delivery,
  { id, endpoint, verification }: Delivery,
  { changes, isSameId, isOwnKey }: ReplayRecordOptions,
): ReplayRecord {
  const kid = verification.status === "verified" ? verification.kid : null;
  return {
    record: "replay",
    id,
    of: recorded.id,
    createdAt: recorded.createdAt,
    eventType: recorded.event?.type ?? null,
    endpoint,
    changes,
    signer: kid === null ? null : isOwnKey(kid) ? "local" : "kinde",
    kid,
    isSameId,
    fault: changes.length === 0 ? (recorded.fault ?? null) : null,
  };
}
