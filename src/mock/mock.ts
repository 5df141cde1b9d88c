/** The fake Kinde: what is emitted is delivered to every webhook that wants it. */
import type { Clock } from "../delivery/clock.ts";
import { deliver } from "../delivery/deliver.ts";
import { createDelivery, createDeliveryId, type Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { EventType } from "../kinde/event-data.ts";
import { createEvent, type CreateEventOptions } from "../kinde/events.ts";
import { createIdempotencyKey, type Origin } from "../kinde/ids.ts";
import { signEvent } from "../kinde/sign.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import { subscribes, type Webhook } from "../kinde/webhook.ts";

export interface MockOptions {
  /** Those there are now; asked at every event. */
  readonly webhooks: () => readonly Webhook[];
  readonly signingKey: SigningKey;
  /** The URL of the issuer whose JWKS holds the key. */
  readonly issuer: () => string;
  readonly clock: Clock;
  readonly randomBytes: Origin["randomBytes"];
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Called when an attempt begins and when it has ended. */
  readonly onChange?: (delivery: Delivery) => void;
}

/** One event to emit. `onWarning` does not come from another process. */
export interface EmitRequest extends CreateEventOptions {
  readonly type: EventType;
  /** The one URL to deliver it to, or several, whatever the webhooks want. */
  readonly to?: string | readonly string[];
  /** The same for every webhook and every call that gives it: a duplicate drill. Default: fresh for each delivery. */
  readonly webhookId?: string;
  readonly timeoutMs?: number;
  /** The status that counts as delivered. Default 200. */
  readonly expectedStatus?: number;
}

export interface Mock {
  /**
   * Creates an event, signs it and delivers it to every webhook that wants it, all at once.
   * @param onChange called in place of the mock's own
   * @returns the deliveries after their first attempt, in the order of the webhooks; empty when no webhook wants the type
   * @throws {NoWebhookError} `ERR_NO_WEBHOOK` when there is neither a webhook nor a URL to deliver to
   */
  emit(
    request: EmitRequest,
    signal?: AbortSignal,
    onChange?: (delivery: Delivery) => void,
  ): Promise<readonly Delivery[]>;
}

export class NoWebhookError extends DevhookError {
  override readonly code = "ERR_NO_WEBHOOK";
  constructor(
    cause = "the mock has no webhook to deliver to",
    advice = "Start it with --webhook URL, or use `emit --to`.",
  ) {
    super(`Failed to emit: ${cause}. ${advice}`);
  }
}

export function createMock(options: MockOptions): Mock {
  const { signingKey, clock, randomBytes } = options;
  let signedBefore: Promise<void> = Promise.resolve();
  return {
    emit: async (request, signal, onChange = options.onChange) => {
      const webhooks = options.webhooks();
      if (request.to === undefined && webhooks.length === 0) throw new NoWebhookError();
      const endpoints =
        request.to === undefined
          ? webhooks.filter((webhook) => subscribes(webhook, request.type)).map(({ endpoint }) => endpoint)
          : [request.to].flat();
      if (endpoints.length === 0) return [];
      const event = createEvent(request.type, request, { now: clock.now(), randomBytes });
      // Ids are drawn before anything is waited for: from a seeded source, events under way at once get the same each time.
      const orders = endpoints.map((endpoint) => ({
        endpoint,
        webhookId: request.webhookId ?? createIdempotencyKey(randomBytes),
        id: createDeliveryId(randomBytes),
      }));
      // Several threads sign, and any may be the first to end: deliveries begin in the order of the calls all the same.
      const signing = Promise.all([signEvent(event, signingKey), signedBefore]);
      signedBefore = settle(signing);
      const [token] = await signing;
      const deliveries = orders.map(({ endpoint, webhookId, id }) =>
        createDelivery(
          {
            direction: "emitted",
            endpoint,
            webhookId,
            token,
            event,
            // Signed a moment ago with a key of the JWKS that this issuer serves.
            verification: { status: "verified", kid: signingKey.kid, issuer: options.issuer() },
          },
          id,
          clock.now(),
        ),
      );
      return await Promise.all(
        deliveries.map((delivery) =>
          deliver(delivery, {
            clock,
            timeoutMs: request.timeoutMs ?? options.timeoutMs,
            ...(request.expectedStatus !== undefined && { expectedStatus: request.expectedStatus }),
            ...(signal !== undefined && { signal }),
            ...(onChange !== undefined && { onChange }),
          }),
        ),
      );
    },
  };
}

async function settle(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
