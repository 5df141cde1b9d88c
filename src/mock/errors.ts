import { DevhookError } from "../kinde/errors.ts";
import type { Webhook } from "../kinde/webhook.ts";

/** There is nowhere to deliver an event to. */
export class NoWebhookError extends DevhookError {
  override readonly code = "ERR_NO_WEBHOOK";
  constructor(
    cause = "the mock has no webhook to deliver to",
    advice = "Start it with --webhook URL, or use `emit --to`.",
  ) {
    super(`Failed to emit: ${cause}. ${advice}`);
  }
}

/** Everyone who wants the event has been disabled, by hand or by failing for too long. */
export class WebhookDisabledError extends DevhookError {
  override readonly code = "ERR_WEBHOOK_DISABLED";
  readonly webhookId: string;
  constructor({ id, endpoint }: Webhook, type: string) {
    super(
      `Failed to emit: the webhook that wants ${type}, ${endpoint}, is disabled, as Kinde does after 72 hours of failures. ` +
        `Enable it: POST /_devhook/api/webhooks/${id}/enable, or kinde.enableWebhook("${id}") in the library; or start the mock again.`,
    );
    this.webhookId = id;
  }
}
