/** The fake Kinde as a running process: its issuer, its webhooks, its control API. */
import { randomBytes } from "node:crypto";
import { settleWithin, type Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import { DevhookError } from "../kinde/errors.ts";
import { createWebhookId } from "../kinde/ids.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import type { Webhook } from "../kinde/webhook.ts";
import { createMock } from "../mock/mock.ts";
import type { Project } from "../project/directory.ts";
import type { Endpoint } from "./endpoints.ts";
import { serveIssuerAlone } from "./local-issuer.ts";

export interface StartMockOptions {
  readonly project: Project;
  readonly signingKey: SigningKey;
  readonly history: History;
  readonly clock: Clock;
  readonly issuerPort: number;
  readonly webhooks: readonly Endpoint[];
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Called when an attempt begins and when it has ended. */
  readonly onChange: (delivery: Delivery) => void;
}

export interface RunningMock {
  /** The local issuer, `http://localhost:<port>`. */
  readonly issuer: string;
  readonly webhooks: readonly Webhook[];
  readonly hasServedJwks: () => boolean;
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

/**
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function startMock(options: StartMockOptions): Promise<RunningMock> {
  const { clock, issuerPort } = options;
  let isClosing = false;
  const abort = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  const webhooks = options.webhooks.map(({ url, eventTypes }) => ({
    id: createWebhookId(randomBytes),
    endpoint: url.href,
    eventTypes,
  }));
  let issuerUrl = `http://localhost:${issuerPort}`;
  const mock = createMock({ ...options, webhooks, issuer: () => issuerUrl, randomBytes });
  const issuer = await serveIssuerAlone(
    {
      ...options,
      port: issuerPort,
      command: "mock",
      webhooks: webhooks.map(({ endpoint }) => endpoint),
      emit: async (request) => {
        if (isClosing) throw new MockClosingError();
        const emission = mock.emit(request, abort.signal);
        inFlight.add(emission);
        try {
          return await emission;
        } finally {
          inFlight.delete(emission);
        }
      },
    },
    clock,
  );
  issuerUrl = issuer.url;
  return {
    issuer: issuer.url,
    webhooks,
    hasServedJwks: issuer.hasServedJwks,
    close: async (graceMs) => {
      isClosing = true;
      const deadline = clock.now() + graceMs;
      await settleWithin(inFlight, graceMs, clock);
      abort.abort();
      await Promise.allSettled(inFlight);
      await issuer.close(Math.max(deadline - clock.now(), followersGraceMs));
    },
  };
}
