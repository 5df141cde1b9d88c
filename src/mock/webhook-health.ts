/** Which webhooks have failed for so long that Kinde would disable them. */
import { disabledAfterMs } from "../kinde/retry-schedule.ts";

export interface WebhookHealth {
  /**
   * Notes how an attempt at a webhook ended.
   * @param at by the schedule's time, in epoch milliseconds
   * @returns whether the webhook is to be disabled now
   */
  note(webhookId: string, isDelivered: boolean, at: number): boolean;
  /** As if it had never failed. */
  forget(webhookId: string): void;
  forgetAll(): void;
}

export function createWebhookHealth(): WebhookHealth {
  const firstFailures = new Map<string, number>();
  return {
    note: (webhookId, isDelivered, at) => {
      if (isDelivered) {
        firstFailures.delete(webhookId);
        return false;
      }
      const first = firstFailures.get(webhookId);
      if (first === undefined || at < first) firstFailures.set(webhookId, at);
      return first !== undefined && at - first >= disabledAfterMs;
    },
    forget: (webhookId) => void firstFailures.delete(webhookId),
    forgetAll: () => firstFailures.clear(),
  };
}
