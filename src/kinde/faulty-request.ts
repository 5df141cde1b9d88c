import type { FaultName } from "./faults.ts";
import { createWebhookRequest, type WebhookRequest } from "./webhook.ts";

export interface FaultyRequest extends WebhookRequest {
  /** How the body goes out, if not at once. */
  readonly pacing?: BodyPacing;
}

/** In pieces over a time, or only its first bytes, after which the connection is cut: what `send` takes. */
export type BodyPacing =
  | { readonly pieces: number; readonly overMs: number }
  | { readonly cutAfterBytes: number };

/**
 * The request that carries a token under a fault. For a fault of another kind it is the one of `createWebhookRequest`.
 * @param webhookId the idempotency key: the same for requests of the same event
 */
export function createFaultyRequest(fault: FaultName, token: string, webhookId: string): FaultyRequest {
  const request = createWebhookRequest(token, webhookId);
  switch (fault) {
    case "json-body":
      return { ...asJson(request), body: Buffer.from(JSON.stringify(token)) };
    case "legacy-content-type":
      return asJson(request);
    case "empty-body":
      return { ...request, body: Buffer.alloc(0) };
    case "slow-sender":
      return { ...request, pacing: { pieces: 8, overMs: 2_000 } };
    case "cut-body":
      return { ...request, pacing: { cutAfterBytes: request.body.length >> 1 } };
    default:
      return request;
  }
}

function asJson(request: WebhookRequest): WebhookRequest {
  return { ...request, headers: { ...request.headers, "content-type": "application/json" } };
}
