import { startMockInMemory } from "../app/start-mock-in-memory.ts";
import type { RunningMock } from "../app/open-mock.ts";
import { systemClock, type Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { createHeldScheduleClock, createScheduleClock } from "../delivery/schedule-clock.ts";
import { parseAdvance } from "../kinde/duration.ts";
import { jwksPaths } from "../kinde/jwks.ts";
import { parseOptions } from "../kinde/parse-option.ts";
import { createSigningKey, type SigningKey } from "../kinde/signing-key.ts";
import { subscribes } from "../kinde/webhook.ts";
import { createSigningKeys } from "../kinde/signing-keys.ts";
import { parseEmitRequest } from "../mock/emit-request.ts";
import { NoWebhookError } from "../mock/errors.ts";
import { parseRateLimit } from "../mock/rate-limit-order.ts";
import { createRequest } from "./create-request.ts";
import { beginEra, endEra, keepToken, type Wait } from "./era.ts";
import { MockClosedError, MockResetError } from "./errors.ts";
import { retireMockKey, rotateMockKey } from "./mock-keys.ts";
import type { MockKinde, StartMockKindeOptions } from "./mock-kinde.ts";
import { createMockWebhooks } from "./mock-webhooks.ts";
import { readEndpoint, readMockOptions } from "./mock-options.ts";
import { readSignal } from "./read-signal.ts";
import { readOnWarning } from "./on-warning.ts";
import { createSource } from "./source.ts";
import { waitForDelivery } from "./wait-for.ts";

let sharedKey: Promise<SigningKey> | undefined;

/**
 * Starts a fake Kinde in this process: the issuer that your app trusts, and events signed by it. Nothing is kept on disk.
 * Several run beside each other; without a `signingKey` they share one, so that a JWKS which an app has cached stays true.
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function startMockKinde(options: StartMockKindeOptions = {}): Promise<MockKinde> {
  const { now, randomSeed, ...given } = readMockOptions(options);
  const signingKeys = createSigningKeys(given.signingKey ?? (await (sharedKey ??= createSigningKey())));
  // A time that is given stands still, but for `advance`; else only what waits for its turn is moved ahead.
  const time = now === undefined ? createScheduleClock(systemClock) : createHeldScheduleClock(now);
  const clock: Clock = now === undefined ? systemClock : { ...systemClock, now: time.now, elapsed: () => 0 };
  const source = createSource(randomSeed);
  let era = beginEra();
  const mock = await startMockInMemory({
    ...given,
    signingKeys,
    clock,
    time,
    randomBytes: source.eventBytes,
    webhookBytes: source.webhookBytes,
    findToken: async (eventId) =>
      era.record.all().find(({ event }) => event?.id === eventId)?.token ?? era.requested.get(eventId),
  });
  const { issuer, port } = mock;
  // The ids of the webhooks have been drawn; from here on it is as after a reset.
  source.restart();

  let closing: Promise<void> | undefined;
  const assertOpen = (verb: string): void => {
    if (closing !== undefined) throw new MockClosedError(verb);
  };
  const close = (): Promise<void> => {
    closing ??= mock.close(0);
    endEra(era, new MockClosedError("wait for a delivery"));
    return closing;
  };

  return {
    issuer,
    jwksUrl: `${issuer}${jwksPaths[0]}`,
    port,
    get signingKey() {
      return signingKeys.current();
    },
    get webhooks() {
      return mock.webhooks;
    },
    get deliveries() {
      return era.record.all();
    },
    emit: async (type, emitOptions) => {
      assertOpen("emit");
      return await emit(mock, type, emitOptions, era.record.append);
    },
    createRequest: async (type, requestOptions) => {
      assertOpen("create a request");
      const signingKey = signingKeys.current();
      const origin = { now: clock.now(), randomBytes: source.eventBytes, signingKey };
      const { requested } = era;
      const onToken = (eventId: string, token: string): void => keepToken(requested, eventId, token);
      return await createRequest(type, requestOptions, { ...origin, webhooks: mock.webhooks, onToken });
    },
    waitFor: (wanted, waitOptions) => {
      const { record, ended, waits } = era;
      const wait: Wait = {};
      const waiting = waitForDelivery(record, wanted, waitOptions, ended.signal, () => waits.delete(wait));
      waits.add(Object.assign(wait, { waiting }));
      return waiting;
    },
    clock: {
      get now() {
        return new Date(time.now());
      },
      advance: async (by) => {
        const ms = parseAdvance(by, "the time of clock.advance");
        assertOpen("move the clock");
        await mock.advance(ms);
      },
    },
    ...createMockWebhooks(mock, given.maxWebhooks, assertOpen),
    limitRate: (limitOptions) => {
      assertOpen("limit the rate");
      mock.rateLimit.limit(parseRateLimit(limitOptions, "limitRate"));
    },
    rotateKey: async (signingKey) => {
      assertOpen("rotate the key");
      const { ended } = era;
      return await rotateMockKey(signingKeys, signingKey, () => {
        assertOpen("rotate the key");
        if (ended.signal.aborted) throw new MockResetError("rotate the key", "Await what rotateKey gives");
      });
    },
    retireKey: async (kid) => {
      assertOpen("retire a key");
      retireMockKey(signingKeys, kid);
    },
    tls: async () => ({ issuer: issuer.replace("http:", "https:"), ca: await mock.caCertificate() }),
    reset: async () => {
      assertOpen("reset the mock");
      // All at once, so that what is emitted from now on is of the new era, also while the old one comes to its end.
      const reset = mock.reset();
      endEra(era, new MockResetError("wait for a delivery", "Await what waitFor gives"));
      era = beginEra();
      source.restart();
      await reset;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const emitOptionNames = [
  "data",
  "set",
  "unset",
  "source",
  "webhookId",
  "to",
  "timeoutMs",
  "expectedStatus",
  "fault",
  "signal",
  "onWarning",
];

async function emit(
  mock: RunningMock,
  type: unknown,
  options: unknown,
  onChange: (delivery: Delivery) => void,
): Promise<Delivery> {
  const { to, signal, onWarning, ...rest } = parseOptions(options, "emit", emitOptionNames);
  const request = parseEmitRequest({ ...rest, type }, "emit");
  const cutOff = readSignal(signal, "emit");
  if (to === undefined && !mock.webhooks.some((webhook) => subscribes(webhook, request.type))) {
    throw mock.webhooks.length === 0
      ? new NoWebhookError("the mock has no webhook", "Start it with webhooks: [{ endpoint }], or give `to`.")
      : new NoWebhookError(
          `no webhook of the mock wants ${request.type}`,
          "Add it to the eventTypes of one, or give `to`.",
        );
  }
  const more = {
    ...(to !== undefined && { to: readEndpoint(to, "to of emit").href }),
    onWarning: readOnWarning(onWarning, "emit"),
  };
  const { deliveries } = await mock.emit({ ...request, ...more }, cutOff, onChange);
  // To a URL, or to webhooks of which one at least wants it.
  // Of a fault that makes several, one that was answered wrong tells more.
  return deliveries.find(({ verdict }) => verdict === "fail") ?? deliveries[0]!;
}
