/** What `emit` emits through: a mock of its own with the endpoints as webhooks, or the running mock of the project. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../delivery/clock.ts";
import { defaultTimeoutMs } from "../delivery/deliver.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import { createWebhookId } from "../kinde/ids.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import { createMock, type EmitRequest } from "../mock/mock.ts";
import type { Project } from "../project/directory.ts";
import type { RunRecord } from "../project/run-file.ts";
import { blendKeys } from "./blend-keys.ts";
import { emitThroughMock } from "./control-client.ts";
import type { Destination } from "./destination.ts";
import type { Endpoint } from "./endpoints.ts";
import { leaseIssuer } from "./issuer-lease.ts";

export interface EmitterOptions {
  readonly destination: Destination;
  readonly project: Project;
  /** Called when this process is the one that signs. */
  readonly loadSigningKey: () => Promise<SigningKey>;
  readonly history: History;
  readonly clock: Clock;
  readonly issuerPort: number;
  /** Whose keys are served beside ours; `undefined` for none. */
  readonly realIssuer: string | undefined;
  /** Its keys can't be had; called when it matters. */
  readonly onJwksFailure: (error: unknown) => void;
  /** How long the app may take, in milliseconds. Default 30 s; a running mock keeps to what it was told itself. */
  readonly timeoutMs: number | undefined;
  /** Called when an attempt begins (not of the running mock's) and when it has ended. */
  readonly onChange: (delivery: Delivery) => void;
}

export interface Emitter {
  /** The issuer whose JWKS verifies what is emitted. */
  readonly issuer: string;
  readonly hasServedJwks: () => boolean | undefined;
  /** @returns the deliveries, none when no endpoint wants the event type */
  emit(request: EmitRequest, signal?: AbortSignal): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}

// A mock answers once all its webhooks have; each has the whole timeout.
const maxTimeoutMs = 3_600_000;
const mockMarginMs = 5_000;

/**
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function openEmitter(options: EmitterOptions): Promise<Emitter> {
  const { destination, clock, timeoutMs, onChange } = options;
  if (destination.kind === "mock") return emitThrough(destination.run, undefined, options);
  const { endpoints, through } = destination;
  if (through !== undefined) return emitThrough(through, endpoints, options);
  const signingKey = await options.loadSigningKey();
  const ended = new AbortController();
  const blended = blendKeys({
    ...options,
    signingKey,
    signal: ended.signal,
    onFailure: options.onJwksFailure,
  });
  const lease = await leaseIssuer(
    { ...options, signingKey, port: options.issuerPort, command: "emit", blended },
    clock,
  );
  const webhooks = endpoints.map(({ url, eventTypes }) => ({
    id: createWebhookId(randomBytes),
    endpoint: url.href,
    eventTypes,
  }));
  const mock = createMock({
    webhooks: () => webhooks,
    signingKey,
    issuer: () => lease.url,
    clock,
    randomBytes,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    onChange,
  });
  return {
    issuer: lease.url,
    hasServedJwks: lease.hasServedJwks,
    emit: (request, signal) => lease.use(() => mock.emit(request, signal)),
    close: async () => {
      ended.abort();
      await lease.close();
    },
  };
}

/** The mock signs and delivers. @param endpoints in place of its webhooks */
function emitThrough(
  run: RunRecord,
  endpoints: readonly Endpoint[] | undefined,
  { timeoutMs, onChange }: EmitterOptions,
): Emitter {
  return {
    issuer: `http://localhost:${run.port}`,
    hasServedJwks: () => undefined,
    emit: async (request, signal) => {
      const wanting = endpoints?.filter(({ eventTypes }) => eventTypes.includes(request.type));
      const to = wanting?.map(({ url }) => url.href);
      if (to?.length === 0) return [];
      try {
        const deliveries = await emitThroughMock(
          run,
          { ...request, ...(to !== undefined && { to }), ...(timeoutMs !== undefined && { timeoutMs }) },
          (timeoutMs ?? maxTimeoutMs) + mockMarginMs,
          signal,
        );
        for (const delivery of deliveries) onChange(delivery);
        return deliveries;
      } catch (error) {
        // Cut off by our own user: what the mock still delivers is in its history.
        if (signal?.aborted) return [];
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };
}
