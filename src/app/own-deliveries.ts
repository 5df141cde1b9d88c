/** What a tunnel sends of its own accord, when the control API asks for it: events to where it forwards to. */
import { randomBytes } from "node:crypto";
import { attemptDelivery } from "../delivery/attempt-delivery.ts";
import { settleWithin, type Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { forwardedEndpointOf, type Forward } from "../delivery/forward.ts";
import { createScheduleClock } from "../delivery/schedule-clock.ts";
import { loadOnce } from "../issuer/load-once.ts";
import { DevhookError } from "../kinde/errors.ts";
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
  /**
   * To every forward that wants the type, once; nobody tries again.
   * @throws {TunnelClosingError} `ERR_CLOSING`
   */
  readonly emit: Mock["emit"];
  /** Takes no more events; what is under way has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

/** The tunnel finishes what is under way, and then ends. */
export class TunnelClosingError extends DevhookError {
  override readonly code = "ERR_CLOSING";
  override readonly exitCode = 3;
  constructor() {
    super("Failed to emit: the tunnel is about to stop. Start it again, or deliver without it: `emit --to`.");
  }
}

/** What it takes is loaded at the first event. */
export function createOwnDeliveries(options: OwnDeliveriesOptions): OwnDeliveries {
  const { forwards, signingKeys, issuer, clock, isInsecure, onChange } = options;
  const webhooks = forwards.map((forward, index) => ({
    id: `forward_${index}`,
    endpoint: forwardedEndpointOf(forward).href,
    eventTypes: forward.eventTypes,
  }));
  const open = loadOnce(async (): Promise<Mock> => {
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
  });
  const ended = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  let isClosing = false;
  const send: Mock["emit"] = async (request, signal, onChangeOfOne) => {
    const mock = await open();
    const ends = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    return await mock.emit(request, ends, onChangeOfOne);
  };
  return {
    emit: async (...order) => {
      if (isClosing) throw new TunnelClosingError();
      const emission = send(...order);
      inFlight.add(emission);
      try {
        return await emission;
      } finally {
        inFlight.delete(emission);
      }
    },
    close: async (graceMs) => {
      isClosing = true;
      if (inFlight.size > 0) await settleWithin(inFlight, graceMs, clock);
      ended.abort();
      await Promise.allSettled(inFlight);
    },
  };
}
