/** What a tunnel sends of its own accord, when the control API asks for it: events to where it forwards to. */
import { randomBytes } from "node:crypto";
import { attemptDelivery } from "../delivery/attempt-delivery.ts";
import type { Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { forwardedEndpointOf, type Forward } from "../delivery/forward.ts";
import { createScheduleClock } from "../delivery/schedule-clock.ts";
import { noRetries } from "../kinde/retry-schedule.ts";
import type { SigningKeys } from "../kinde/signing-keys.ts";
import type { Mock } from "../mock/mock.ts";

export interface OwnDeliveriesOptions {
  readonly forwards: readonly Forward[];
  readonly signingKeys: SigningKeys;
  /** The URL of the local issuer. */
  readonly issuer: string;
  readonly clock: Clock;
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes any certificate of the app. */
  readonly isInsecure: boolean;
  /** Called when a delivery is begun, and at its end. */
  readonly onChange: (delivery: Delivery) => void;
}

export interface OwnDeliveries {
  /** To every forward that wants the type, once; nobody tries again. */
  readonly emit: Mock["emit"];
  /** Takes no more events; what is under way has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

/** What it takes is loaded at the first event. */
export function createOwnDeliveries(options: OwnDeliveriesOptions): OwnDeliveries {
  const { forwards, signingKeys, issuer, clock, isInsecure, onChange } = options;
  const webhooks = forwards.map((forward, index) => ({
    id: `forward_${index}`,
    endpoint: forwardedEndpointOf(forward).href,
    eventTypes: forward.eventTypes,
  }));
  let opened: Promise<Mock> | undefined;
  const open = async (): Promise<Mock> => {
    const { createMock } = await import("./sent-from-here.ts");
    return createMock({
      webhooks: () => webhooks,
      signingKeys,
      issuer: () => issuer,
      clock,
      time: createScheduleClock(clock),
      schedule: noRetries,
      randomBytes,
      timeoutMs: options.timeoutMs,
      attempt: (delivery, attemptOptions) => attemptDelivery(delivery, { ...attemptOptions, isInsecure }),
      onChange,
    });
  };
  return {
    emit: async (request, signal, onChangeOfOne) =>
      await (await (opened ??= open())).emit(request, signal, onChangeOfOne),
    close: async (graceMs) => {
      await (await opened)?.close(graceMs);
    },
  };
}
