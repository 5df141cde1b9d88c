import { randomBytes } from "node:crypto";
import { createEvent } from "../../src/kinde/events.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import { craftToken } from "../kinde/craft-token.ts";

/** The token of an event that happens now, signed with our own key. */
export function createWebhook(type: EventType = "user.created"): string {
  return craftToken({ claims: createEvent(type, {}, { now: Date.now(), randomBytes }) });
}
