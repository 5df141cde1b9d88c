import { olderData } from "./faulty-data.ts";
import type { KindeEvent } from "./events.ts";
import type { FaultName } from "./faults.ts";
import { createEventId, maxNow, type Origin } from "./ids.ts";
import type { JsonObject } from "./json.ts";

/** Claims that have the shape of an event, and may be none of Kinde's. */
export interface EventClaims extends JsonObject {
  type: string;
  event_id: string;
  timestamp: string;
  data: JsonObject;
}

const staleAgeMs = 35 * 60 * 60 * 1000;
const reorderedByMs = 1_000;

/**
 * What a fault makes of an event before anything is signed: the events to send, in that order, each when the one
 * before was answered. Two with one `event_id` are one event: they have the same token and the same `webhook-id`.
 * For a fault of another kind it is the event alone.
 */
export function createFaultyEvents(
  fault: FaultName,
  event: KindeEvent,
  { now, randomBytes }: Origin,
): readonly EventClaims[] {
  const claims = event as unknown as EventClaims;
  switch (fault) {
    case "duplicate":
      return [claims, claims];
    case "reordered":
      return [claims, createOlder(claims, { now, randomBytes })];
    case "stale-timestamp": {
      const happenedAt = now - staleAgeMs;
      return [{ ...claims, ...timesAt(claims, happenedAt), event_id: redateId(claims.event_id, happenedAt) }];
    }
    case "unknown-event-type":
      return [{ ...claims, type: `${claims.type.split(".", 1)[0]!}.unknown` }];
    default:
      return [claims];
  }
}

/** What happened to the same thing a second before. */
function createOlder(claims: EventClaims, { now, randomBytes }: Origin): EventClaims {
  const happenedAt = Date.parse(claims.timestamp);
  // A timestamp of the user's own may be no time at all.
  const olderAt = (Number.isNaN(happenedAt) ? now : happenedAt) - reorderedByMs;
  return {
    ...claims,
    ...timesAt(claims, olderAt),
    data: olderData(claims.data),
    event_id: createEventId({ now: withinIds(olderAt), randomBytes }),
  };
}

function timesAt(claims: EventClaims, at: number): { timestamp: string; event_timestamp?: string } {
  const timestamp = new Date(at).toISOString();
  return { timestamp, ...(Object.hasOwn(claims, "event_timestamp") && { event_timestamp: timestamp }) };
}

/** The id with another time in it; one of the user's own stays. */
function redateId(id: string, at: number): string {
  const random = /^event_[\da-f]{12}([\da-f]{20})$/.exec(id)?.[1];
  return random === undefined
    ? id
    : createEventId({ now: withinIds(at), randomBytes: () => Buffer.from(random, "hex") });
}

/** Ids have no digits for the time before 1970. */
function withinIds(at: number): number {
  return Math.min(Math.max(at, 0), maxNow);
}
