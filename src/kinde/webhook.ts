/** A webhook's registration, and the request Kinde makes of an event. Source: Kinde docs, "About webhooks". */
import type { EventType } from "./event-data.ts";

export interface Webhook {
  /** `webhook_` and 32 hex. */
  readonly id: string;
  readonly endpoint: string;
  readonly eventTypes: readonly EventType[];
  readonly isDisabled?: boolean;
}

/** A webhook as the Management API shows it. */
export interface RegisteredWebhook extends Webhook {
  readonly name: string;
  readonly description: string | null;
  /** ISO 8601. */
  readonly createdOn: string;
  /** Whether it gets nothing: it has failed for 72 hours, or was disabled by hand. Kinde's API does not show it. */
  readonly isDisabled: boolean;
}

/** The method, headers and body of a webhook request; the body is the bare token, nothing around it. */
export interface WebhookRequest {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The request that carries a token.
 * @param token one character a byte, for what was let in without being one
 * @param webhookId the idempotency key, the same in every attempt
 */
export function createWebhookRequest(token: string, webhookId: string): WebhookRequest {
  return {
    method: "POST",
    headers: { "content-type": "application/jwt", "webhook-id": webhookId },
    body: Buffer.from(token, "latin1"),
  };
}

/** Whether a webhook wants events of this type. */
export function subscribes(webhook: Webhook, type: string): boolean {
  return webhook.eventTypes.some((wanted) => wanted === type);
}
