/** The shapes of Kinde's ids. Source: captured tokens of 2024. */
import { createHash } from "node:crypto";

/** Time and randomness, given from outside so that the same input makes the same ids. */
export interface Origin {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** The last millisecond that an event id has digits for: the year 10889. */
export const maxNow: number = 2 ** 48 - 1;

/** `event_` and 32 hex: 12 of the Unix milliseconds, 20 random. */
export function createEventId({ now, randomBytes }: Origin): string {
  return `event_${now.toString(16).padStart(12, "0")}${hex(randomBytes(10))}`;
}

/** A value for the `webhook-id` header: 32 hex. Kinde documents no format; nobody may parse it. */
export function createIdempotencyKey(randomBytes: Origin["randomBytes"]): string {
  return hex(randomBytes(16));
}

/**
 * The `webhook-id` of each event at one endpoint: the same for the same event.
 * @param given the same for all of them
 */
export function createIdempotencyKeys(
  given: string | undefined,
  randomBytes: Origin["randomBytes"],
): (eventId: string) => string {
  const keys = new Map<string, string>();
  return (eventId) => {
    const key = given ?? keys.get(eventId) ?? createIdempotencyKey(randomBytes);
    keys.set(eventId, key);
    return key;
  };
}

/** The id of a registration: `webhook_` and 32 hex (the length is our reading). */
export function createWebhookId(randomBytes: Origin["randomBytes"]): string {
  return `webhook_${hex(randomBytes(16))}`;
}

/** The id of an event type: `et_` and 32 hex. */
export function createEventTypeId(code: string): string {
  return `et_${createHash("sha256").update(code).digest("hex").slice(0, 32)}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
