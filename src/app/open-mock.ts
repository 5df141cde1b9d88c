/** The fake Kinde at work: its issuer, however it is served, and what is under way until it closes. */
import { settleWithin, type Clock } from "../delivery/clock.ts";
import type { ScheduleClock } from "../delivery/schedule-clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { Origin } from "../kinde/ids.ts";
import { followJwks } from "../kinde/jwks.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";
import type { Client } from "../issuer/routes/oauth.ts";
import type { MockRoutesOptions } from "../issuer/routes/routes.ts";
import type { MockControl } from "../issuer/routes/mock-control.ts";
import type { Issuer } from "../issuer/server.ts";
import { createMock } from "../mock/mock.ts";
import { createRateLimit, noLimit } from "../mock/rate-limit.ts";
import { createWebhookRegistry, type WebhookOrder } from "../mock/webhook-registry.ts";
import type { Endpoint } from "./endpoints.ts";
import { createReplayer, type Replayer, type ReplayerOptions } from "./replayer.ts";

export interface OpenMockOptions {
  readonly signingKeys: RotatableKeys;
  readonly clock: Clock;
  /** By what retries fall due. */
  readonly time: ScheduleClock;
  /** Whether what is pending at the end stays so, for another process to go on with. Default: it is cancelled. */
  readonly isKept?: boolean | undefined;
  readonly randomBytes: Origin["randomBytes"];
  /** For the ids of webhooks. Default: as for everything else. */
  readonly webhookBytes?: Origin["randomBytes"];
  readonly webhooks: readonly Endpoint[];
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The one client that gets tokens. Default: any. */
  readonly client?: Client | undefined;
  /** How many webhooks there may be. Default: any number. */
  readonly maxWebhooks?: number | undefined;
  /** Whether the Management API takes https endpoints only. */
  readonly isStrict?: boolean | undefined;
  /** Called with all webhooks after some have been registered, changed, disabled, enabled or removed. */
  readonly onWebhooksChange?: ((webhooks: readonly RegisteredWebhook[]) => void) | undefined;
  /** The token of an event that was produced before, by the event's id. */
  readonly findToken: (eventId: string) => Promise<string | undefined>;
  /** Called before the time is moved ahead, with the milliseconds. */
  readonly onAdvance?: (ms: number) => void;
  /** Called when all is to be as at the start. */
  readonly onReset?: () => void;
  /**
   * Called when a delivery is begun, and at each change of it.
   * @param isOnce whether it is attempted once, and not by the schedule
   */
  readonly onChange?: (delivery: Delivery, isOnce: boolean) => void;
  /** What the app can verify by. Default: our own keys alone. */
  readonly keys?: ReplayerOptions["keys"] | undefined;
  /** What a replay is warned of. */
  readonly onReplayWarning?: ReplayerOptions["onWarning"];
}

/** Serves the issuer of a mock: what its control API needs is handed in. */
export type ServeIssuer = (mock: {
  readonly endpoints: readonly string[];
  readonly control: MockControl;
  readonly routes: MockRoutesOptions;
  readonly replay: Replayer["replay"];
}) => Promise<Issuer>;

export interface RunningMock extends Pick<
  MockControl,
  "advance" | "emit" | "pending" | "rateLimit" | "reset" | "setDisabled" | "untilEnded"
> {
  /** The local issuer, `http://localhost:<port>`. */
  readonly issuer: string;
  readonly port: number;
  /** As they are now: the Management API registers and removes some. */
  readonly webhooks: readonly RegisteredWebhook[];
  readonly hasServedJwks: () => boolean;
  /** Sends a recorded delivery again, once. */
  readonly replay: Replayer["replay"];
  registerWebhook(webhook: Endpoint): RegisteredWebhook;
  /** @returns whether there was one with this id */
  removeWebhook(id: string): boolean;
  /** The CA that vouches for `https://localhost:<port>`, as PEM. */
  readonly caCertificate: () => Promise<string>;
  /** Goes on with deliveries that another process left pending. @returns those that were not too old for it */
  resume(deliveries: readonly Delivery[]): readonly Delivery[];
  /** Takes no more events; what is under way has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

// Whoever shares the issuer gets what is left of the time, and this at least to notice.
const followersGraceMs = 250;

/** The mock finishes what is under way, and then ends. */
export class MockClosingError extends DevhookError {
  override readonly code = "ERR_MOCK_CLOSING";
  override readonly exitCode = 3;
  constructor() {
    super("Failed to emit: the mock is about to stop. Start it again, or deliver without it: `emit --to`.");
  }
}

/** @throws what serving the issuer throws */
export async function openMock(options: OpenMockOptions, serve: ServeIssuer): Promise<RunningMock> {
  const { clock, time, randomBytes, signingKeys } = options;
  const registry = createWebhookRegistry({
    webhooks: options.webhooks.map((webhook) => orderOf(webhook, "given at the start")),
    now: clock.now,
    randomBytes: options.webhookBytes ?? randomBytes,
    onChange: options.onWebhooksChange,
    onRemove: (id) => mock.endWebhook(id, "cancelled"),
  });
  const setDisabled: MockControl["setDisabled"] = (id, isDisabled) => {
    const webhook = registry.setDisabled(id, isDisabled);
    if (isDisabled) mock.endWebhook(id, "disabled");
    else mock.forgetFailures(id);
    return webhook;
  };
  // Nobody can ask the mock for an event before its issuer answers.
  let issuerUrl = "";
  const mock = createMock({
    ...options,
    webhooks: registry.list,
    issuer: () => issuerUrl,
    onFailedTooLong: (id) => setDisabled(id, true),
  });
  const replayer = createReplayer(() => ({
    ...options,
    keys: options.keys ?? followJwks(issuerUrl, signingKeys.jwks),
    issuer: issuerUrl,
    onWarning: options.onReplayWarning,
    onChange: (delivery) => options.onChange?.(delivery, true),
  }));
  const rateLimit = createRateLimit();
  const inFlight = new Set<Promise<unknown>>();
  let isClosing = false;

  const emit: MockControl["emit"] = async (request, signal, onChange) => {
    if (isClosing) throw new MockClosingError();
    const emission = mock.emit(request, signal, onChange);
    inFlight.add(emission);
    try {
      return await emission;
    } finally {
      inFlight.delete(emission);
    }
  };
  const reset = async (): Promise<void> => {
    // All at once, so that what is emitted from now on finds everything as at the start.
    const cancelled = mock.cancel();
    const under = [...inFlight];
    registry.restore();
    mock.forgetFailures();
    rateLimit.limit(noLimit);
    options.onReset?.();
    time.restart();
    await Promise.allSettled([cancelled, ...under]);
  };
  const control: MockControl = {
    emit,
    advance: async (ms) => {
      options.onAdvance?.(ms);
      await mock.advance(ms);
    },
    reset,
    setDisabled,
    pending: mock.pending,
    rateLimit,
    untilEnded: mock.untilEnded,
    webhooks: registry.list,
    now: time.now,
  };

  const routes: MockRoutesOptions = {
    oauth: { signingKeys, now: clock.now, client: options.client },
    management: {
      webhooks: registry,
      maxWebhooks: options.maxWebhooks,
      isStrict: options.isStrict,
      rateLimit,
      findToken: options.findToken,
      signingKeys,
      now: clock.now,
    },
  };
  const endpoints = registry.list().map(({ endpoint }) => endpoint);
  const issuer = await serve({ endpoints, control, routes, replay: replayer.replay });
  issuerUrl = issuer.url;
  return {
    ...control,
    issuer: issuer.url,
    port: issuer.port,
    get webhooks() {
      return registry.list();
    },
    hasServedJwks: issuer.hasServedJwks,
    registerWebhook: (webhook) => registry.create(orderOf(webhook, "registered by a test")),
    removeWebhook: registry.remove,
    caCertificate: issuer.caCertificate,
    replay: replayer.replay,
    resume: mock.resume,
    close: async (graceMs) => {
      isClosing = true;
      const deadline = clock.now() + graceMs;
      mock.stop();
      await Promise.all([settleWithin(inFlight, graceMs, clock), replayer.close(graceMs)]);
      await mock.close(Math.max(deadline - clock.now(), 0));
      await Promise.allSettled(inFlight);
      await issuer.close(Math.max(deadline - clock.now(), followersGraceMs));
    },
  };
}

function orderOf({ url, eventTypes }: Endpoint, name: string): WebhookOrder {
  return { endpoint: url.href, eventTypes, name, description: null };
}
