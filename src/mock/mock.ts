/** The fake Kinde: what is emitted is delivered to every webhook that wants it, and again until it is taken. */
import type { Clock } from "../delivery/clock.ts";
import {
  createDelivery,
  createDeliveryId,
  endDelivery,
  isExpired,
  type Delivery,
} from "../delivery/delivery.ts";
import type { Dispatched } from "../delivery/dispatched-job.ts";
import { createDispatcher, type Dispatcher } from "../delivery/dispatcher.ts";
import type { DispatcherOptions } from "../delivery/dispatcher-options.ts";
import type { ScheduleClock } from "../delivery/schedule-clock.ts";
import type { EventType } from "../kinde/event-data.ts";
import { createEvent, type CreateEventOptions } from "../kinde/events.ts";
import type { FaultName } from "../kinde/faults.ts";
import { createIdempotencyKeys, type Origin } from "../kinde/ids.ts";
import { noRetries, retrySchedule, type RetrySchedule } from "../kinde/retry-schedule.ts";
import type { SigningKeys } from "../kinde/signing-keys.ts";
import { subscribes, type Webhook } from "../kinde/webhook.ts";
import { NoWebhookError, WebhookDisabledError } from "./errors.ts";
import { createSignedEvents, verificationOf } from "./signed-events.ts";
import { createWebhookHealth } from "./webhook-health.ts";

export interface MockOptions {
  /** Those there are now; asked at every event. */
  readonly webhooks: () => readonly Webhook[];
  /** Asked for the key at every event. */
  readonly signingKeys: SigningKeys;
  /** The URL of the issuer whose JWKS holds the key. */
  readonly issuer: () => string;
  readonly clock: Clock;
  /** By what retries fall due. */
  readonly time: ScheduleClock;
  /** When a webhook is attempted again. Default: as Kinde does. */
  readonly schedule?: RetrySchedule | undefined;
  readonly randomBytes: Origin["randomBytes"];
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Runs each attempt. Default: at once. */
  readonly around?: DispatcherOptions["around"];
  /** Makes an attempt. Default: from the delivery alone. */
  readonly attempt?: DispatcherOptions["attempt"];
  /** Whether what is pending at the end stays so. Default: it is cancelled. */
  readonly isKept?: boolean | undefined;
  /**
   * Called when a delivery is begun, and at each change of it.
   * @param isOnce whether it is attempted once, and not by the schedule
   */
  readonly onChange?: ((delivery: Delivery, isOnce: boolean) => void) | undefined;
  /** Called when a webhook has failed for so long that Kinde would disable it. */
  readonly onFailedTooLong?: ((webhookId: string) => void) | undefined;
}

/** One event to emit. `onWarning` does not come from another process. */
export interface EmitRequest extends CreateEventOptions {
  readonly type: EventType;
  /** The one URL to deliver it to, or several, whatever the webhooks want; each is attempted once. */
  readonly to?: string | readonly string[];
  /** The same for every webhook and every call that gives it: a duplicate drill. Default: fresh for each delivery. */
  readonly webhookId?: string;
  readonly timeoutMs?: number;
  /** The status that counts as delivered. Default 200. */
  readonly expectedStatus?: number;
  /** What is to be wrong with it on purpose; then it is attempted once. */
  readonly fault?: FaultName;
}

/** What an event has led to. */
export interface Emitted {
  /** After the first attempt, in the order of the webhooks; empty when no webhook wants the type. */
  readonly deliveries: readonly Delivery[];
  /** The same when none of them is pending any more. */
  ended(): Promise<readonly Delivery[]>;
}

export interface Mock extends Omit<Dispatcher, "dispatch" | "resume" | "endGroup"> {
  /**
   * Creates an event, signs it and delivers it to every webhook that wants it, all at once.
   * @param signal calls the deliveries off
   * @param onChange called in place of the mock's own
   * @throws {NoWebhookError} `ERR_NO_WEBHOOK` when there is neither a webhook nor a URL to deliver to
   */
  emit(request: EmitRequest, signal?: AbortSignal, onChange?: (delivery: Delivery) => void): Promise<Emitted>;
  /** Goes on with deliveries that another process left pending. @returns those that were not too old for it */
  resume(deliveries: readonly Delivery[]): readonly Delivery[];
  /** Calls off what is pending for a webhook. */
  endWebhook(webhookId: string, reason: "cancelled" | "disabled"): void;
  /** Forgets that a webhook has failed; without an id, that any has. */
  forgetFailures(webhookId?: string): void;
}

export function createMock(options: MockOptions): Mock {
  const { signingKeys, clock, time, randomBytes, schedule = retrySchedule } = options;
  const health = createWebhookHealth();
  const judge = (group: string, isDelivered: boolean): "disabled" | undefined => {
    const webhook = options.webhooks().find(({ id }) => id === group);
    if (webhook === undefined) return undefined;
    const isFailed = health.note(group, isDelivered, time.now());
    if (isFailed && webhook.isDisabled !== true) options.onFailedTooLong?.(group);
    return isFailed ? "disabled" : undefined;
  };
  const dispatcher = createDispatcher({ ...options, judge });
  let signedBefore: Promise<void> = Promise.resolve();
  // Replaced when everything is called off: what is still signed then is begun for the record alone.
  let round = new AbortController();
  return {
    ...dispatcher,
    cancel: async () => {
      round.abort();
      round = new AbortController();
      await dispatcher.cancel();
    },
    emit: async (request, signal, onChange) => {
      const endpoints = endpointsFor(request, options.webhooks());
      if (endpoints.length === 0) return { deliveries: [], ended: () => Promise.resolve([]) };
      const origin = { now: clock.now(), randomBytes };
      const { fault } = request;
      const signingKey = signingKeys.current();
      // Ids are drawn before anything is waited for: from a seeded source, events under way at once get the same each time.
      const events = createSignedEvents(createEvent(request.type, request, origin), {
        fault,
        origin,
        signingKey,
      });
      const orders = endpoints.map(({ url, group }) => {
        const keyOf = createIdempotencyKeys(request.webhookId, randomBytes);
        return events.claims.map((event, index) => ({
          url,
          group,
          event,
          index,
          webhookId: keyOf(event.event_id),
          id: createDeliveryId(randomBytes),
        }));
      });
      // Several threads sign, and any may be the first to end: deliveries begin in the order of the calls all the same.
      const signing = Promise.all([events.sign(), signedBefore]);
      signedBefore = settle(signing);
      const { signal: calledOff } = round;
      const [tokens] = await signing;
      const dispatch = (order: (typeof orders)[number][number]): Dispatched => {
        const { url, group, event, webhookId, id } = order;
        const delivery = createDelivery(
          {
            direction: "emitted",
            endpoint: url,
            webhookId,
            token: tokens[order.index]!,
            event,
            verification: verificationOf(fault, { kid: signingKey.kid, issuer: options.issuer() }),
            fault,
          },
          id,
          clock.now(),
        );
        const dispatched = dispatcher.dispatch(delivery, {
          // What is damaged says nothing about the webhook: to refuse it may be right.
          group: fault === undefined ? group : url,
          schedule: request.to === undefined && fault === undefined ? schedule : noRetries,
          timeoutMs: request.timeoutMs,
          // A fault has its own right answer.
          expectedStatus: fault === undefined ? request.expectedStatus : undefined,
          signal: calledOff.aborted ? calledOff : signal,
          onChange,
        });
        // Meanwhile its webhook may have been disabled or removed, and this is not attempted again any more than the others.
        const webhook = options.webhooks().find(({ id: known }) => known === group);
        if (request.to === undefined && (webhook === undefined || webhook.isDisabled === true)) {
          dispatcher.endGroup(group, webhook === undefined ? "cancelled" : "disabled");
        }
        return dispatched;
      };
      const dispatched = (await Promise.all(orders.map((inTurn) => dispatchInTurn(inTurn, dispatch)))).flat();
      return {
        // What is damaged has ended soon, and only then its verdict is known.
        deliveries: await Promise.all(
          dispatched.map(({ attempted, ended }) => (fault === undefined ? attempted : ended)),
        ),
        ended: async () => await Promise.all(dispatched.map(({ ended }) => ended)),
      };
    },
    resume: (deliveries) => {
      const webhooks = options.webhooks();
      return deliveries.filter((delivery) => {
        if (isExpired(delivery, clock.now())) {
          options.onChange?.(endDelivery(delivery, "abandoned"), false);
          return false;
        }
        const webhook = webhooks.find(
          (each) => each.endpoint === delivery.endpoint && subscribes(each, delivery.event?.type ?? ""),
        );
        const failedAt = delivery.attempts[0]?.startedAt;
        if (webhook !== undefined && failedAt !== undefined) {
          // At any speed: while nobody ran, nothing failed.
          health.note(webhook.id, false, time.now() - (clock.now() - Date.parse(failedAt)));
        }
        dispatcher.resume(
          delivery,
          delivery.fault === undefined
            ? { group: webhook?.id ?? delivery.endpoint, schedule }
            : { group: delivery.endpoint, schedule: noRetries },
        );
        return true;
      });
    },
    endWebhook: dispatcher.endGroup,
    forgetFailures: (webhookId) => {
      if (webhookId === undefined) health.forgetAll();
      else health.forget(webhookId);
    },
  };
}

/** @throws {NoWebhookError} `ERR_NO_WEBHOOK` */
function endpointsFor(
  { to, type }: EmitRequest,
  webhooks: readonly Webhook[],
): readonly { readonly url: string; readonly group: string }[] {
  if (to !== undefined) return [to].flat().map((url) => ({ url, group: url }));
  if (webhooks.length === 0) throw new NoWebhookError();
  const wanting = webhooks.filter((webhook) => subscribes(webhook, type));
  const enabled = wanting.filter(({ isDisabled }) => isDisabled !== true);
  if (wanting.length > 0 && enabled.length === 0) throw new WebhookDisabledError(wanting[0]!, type);
  return enabled.map(({ id, endpoint }) => ({ url: endpoint, group: id }));
}

/** Each when the one before has been answered; the first at once. */
async function dispatchInTurn<Order>(
  orders: readonly Order[],
  dispatch: (order: Order) => Dispatched,
): Promise<readonly Dispatched[]> {
  const dispatched: Dispatched[] = [];
  for (const order of orders) {
    const before = dispatched.at(-1);
    if (before !== undefined) await before.ended;
    dispatched.push(dispatch(order));
  }
  return dispatched;
}

async function settle(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
