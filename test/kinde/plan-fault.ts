import { randomBytes } from "node:crypto";
import type { EventType } from "../../src/kinde/event-data.ts";
import { createEvent, type KindeEvent } from "../../src/kinde/events.ts";
import type { FaultName } from "../../src/kinde/faults.ts";
import { createFaultyEvents, type EventClaims } from "../../src/kinde/faulty-events.ts";
import { createFaultyRequest, type FaultyRequest } from "../../src/kinde/faulty-request.ts";
import { signFaultyEvent } from "../../src/kinde/faulty-token.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";

export interface PlannedRequest {
  readonly event: EventClaims;
  readonly token: string;
  readonly request: FaultyRequest;
}

/** All that a fault sends for an event, in order: signed with the key of the tests, the event id as `webhook-id`. */
export async function planFault(
  fault: FaultName,
  event: KindeEvent,
  now: number = Date.now(),
): Promise<PlannedRequest[]> {
  const keys = { signingKey, foreignKey: () => Promise.resolve(foreignKey) };
  return await Promise.all(
    createFaultyEvents(fault, event, { now, randomBytes }).map(async (claims) => {
      const token = await signFaultyEvent(fault, claims, keys);
      return { event: claims, token, request: createFaultyRequest(fault, token, claims.event_id) };
    }),
  );
}

export async function planFaultOf(
  fault: FaultName,
  type: EventType,
  now: number = Date.now(),
): Promise<PlannedRequest[]> {
  return await planFault(fault, createEvent(type, {}, { now, randomBytes }), now);
}
