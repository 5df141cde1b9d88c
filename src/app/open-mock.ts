/** The fake Kinde at work: its issuer, however it is served, and what is under way until it closes. */
import { settleWithin, type Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { Origin } from "../kinde/ids.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";
import type { Client } from "../issuer/routes/oauth.ts";
import type { MockRoutesOptions } from "../issuer/routes/routes.ts";
import type { Issuer } from "../issuer/server.ts";
import { createMock, type EmitRequest } from "../mock/mock.ts";
import { createWebhookRegistry } from "../mock/webhook-registry.ts";
import type { Endpoint } from "./endpoints.ts";

export interface OpenMockOptions {
  readonly signingKey: SigningKey;
  readonly clock: Clock;
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
  /** Called with all webhooks after the Management API has changed them. */
  readonly onWebhooksChange?: ((webhooks: readonly RegisteredWebhook[]) => void) | undefined;
  /** The token of an event that was produced before, by the event's id. */
  readonly findToken: (eventId: string) => Promise<string | undefined>;
  /** Called when an attempt begins and when it has ended. */
  readonly onChange?: (delivery: Delivery) => void;
}

/** Serves the issuer of a mock: what its control API needs is handed in. */
export type ServeIssuer = (mock: {
  readonly endpoints: readonly string[];
  readonly emit: (request: EmitRequest) => Promise<readonly Delivery[]>;
  readonly routes: MockRoutesOptions;
}) => Promise<Issuer>;

export interface RunningMock {
  /** The local issuer, `http://localhost:<port>`. */
  readonly issuer: string;
  readonly port: number;
  /** As they are now: the Management API registers and removes some. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** Those from the start again, and no others. */
  restoreWebhooks(): void;
  readonly hasServedJwks: () => boolean;
  /** The CA that vouches for `https://localhost:<port>`, as PEM. */
  readonly caCertificate: () => Promise<string>;
  /**
   * Emits an event: `createMock` says what comes of it.
   * @param onChange called in place of the mock's own
   * @throws {MockClosingError} `ERR_MOCK_CLOSING`
   * @throws {NoWebhookError} `ERR_NO_WEBHOOK`
   */
  emit(
    request: EmitRequest,
    signal?: AbortSignal,
    onChange?: (delivery: Delivery) => void,
  ): Promise<readonly Delivery[]>;
  /** Cuts off what is under way; resolves when all of it has ended. */
  cancel(): Promise<void>;
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
  const { clock, randomBytes, signingKey } = options;
  const registry = createWebhookRegistry({
    webhooks: options.webhooks.map(({ url, eventTypes }) => ({
      endpoint: url.href,
      eventTypes,
      name: "given at the start",
      description: null,
    })),
    now: clock.now,
    randomBytes: options.webhookBytes ?? randomBytes,
    onChange: options.onWebhooksChange,
  });
  // Nobody can ask the mock for an event before its issuer answers.
  let issuerUrl = "";
  const mock = createMock({ ...options, webhooks: registry.list, issuer: () => issuerUrl });
  const inFlight = new Set<Promise<unknown>>();
  let isClosing = false;
  let cutOff = new AbortController();

  const emit: RunningMock["emit"] = async (request, signal, onChange) => {
    if (isClosing) throw new MockClosingError();
    // Aborted at the end: what is made of a signal stays with it otherwise, as long as there may be an abort to hear of.
    const ended = new AbortController();
    const either =
      signal === undefined ? cutOff.signal : AbortSignal.any([cutOff.signal, signal, ended.signal]);
    const emission = mock.emit(request, either, onChange);
    inFlight.add(emission);
    try {
      return await emission;
    } finally {
      inFlight.delete(emission);
      ended.abort();
    }
  };
  const cancel = async (): Promise<void> => {
    cutOff.abort();
    cutOff = new AbortController();
    await Promise.allSettled(inFlight);
  };

  const routes: MockRoutesOptions = {
    oauth: { signingKey, now: clock.now, client: options.client },
    management: {
      webhooks: registry,
      maxWebhooks: options.maxWebhooks,
      isStrict: options.isStrict,
      findToken: options.findToken,
      signingKey,
      now: clock.now,
    },
  };
  const issuer = await serve({ endpoints: registry.list().map(({ endpoint }) => endpoint), emit, routes });
  issuerUrl = issuer.url;
  return {
    issuer: issuer.url,
    port: issuer.port,
    get webhooks() {
      return registry.list();
    },
    restoreWebhooks: registry.restore,
    hasServedJwks: issuer.hasServedJwks,
    caCertificate: issuer.caCertificate,
    emit,
    cancel,
    close: async (graceMs) => {
      isClosing = true;
      const deadline = clock.now() + graceMs;
      await settleWithin(inFlight, graceMs, clock);
      await cancel();
      await issuer.close(Math.max(deadline - clock.now(), followersGraceMs));
    },
  };
}
