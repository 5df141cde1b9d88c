/** What `emit` emits through: a mock of its own with the endpoints as webhooks, or the running mock of the project. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../delivery/clock.ts";
import { defaultTimeoutMs } from "../delivery/attempt-delivery.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { createScheduleClock } from "../delivery/schedule-clock.ts";
import type { History } from "../history/history.ts";
import { createWebhookId } from "../kinde/ids.ts";
import { noRetries, retrySchedule } from "../kinde/retry-schedule.ts";
import { createMock, type Emitted, type EmitRequest } from "../mock/mock.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import type { Project } from "../project/directory.ts";
import type { RunRecord } from "../project/run-file.ts";
import { blendKeys } from "./blend-keys.ts";
import { awaitEnd, emitThroughMock } from "./control-client.ts";
import type { Destination } from "./destination.ts";
import type { Endpoint } from "./endpoints.ts";
import { leaseIssuer } from "./issuer-lease.ts";

export interface EmitterOptions {
  readonly destination: Destination;
  readonly project: Project;
  /** Called when this process is the one that signs. */
  readonly loadSigningKeys: () => Promise<RotatableKeys>;
  readonly history: History;
  readonly clock: Clock;
  readonly issuerPort: number;
  /** Whose keys are served beside ours; `undefined` for none. */
  readonly realIssuer: string | undefined;
  /** Its keys can't be had; called when it matters. */
  readonly onJwksFailure: (error: unknown) => void;
  /** How long the app may take, in milliseconds. Default 30 s; a running mock keeps to what it was told itself. */
  readonly timeoutMs: number | undefined;
  /** Whether an endpoint that refuses is attempted again, as Kinde does; a running mock always does. */
  readonly hasRetries: boolean;
  /** How many times as fast as the clock the retries come. */
  readonly speed: number;
  /** Called when a delivery is begun (not of the running mock's) and at each change of it. */
  readonly onChange: (delivery: Delivery) => void;
}

export interface Emitter {
  /** The issuer whose JWKS verifies what is emitted. */
  readonly issuer: string;
  readonly hasServedJwks: () => boolean | undefined;
  /** What it has led to: no deliveries when no endpoint wants the event type. */
  emit(request: EmitRequest, signal?: AbortSignal): Promise<Emitted>;
  /** Begins no attempt any more: what waits for one is called off. */
  stop(): void;
  close(): Promise<void>;
}

// A mock answers once all its webhooks have; each has the whole timeout, and has it twice for a fault that makes two requests.
const maxTimeoutMs = 3_600_000;
const mockMarginMs = 5_000;

function answerWithin(timeoutMs: number | undefined, { fault }: EmitRequest): number {
  return (timeoutMs ?? maxTimeoutMs) * (fault === undefined ? 1 : 2) + mockMarginMs;
}

/**
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function openEmitter(options: EmitterOptions): Promise<Emitter> {
  const { destination, clock, timeoutMs, onChange } = options;
  if (destination.kind === "mock") return emitThrough(destination.run, undefined, options);
  const { endpoints, through } = destination;
  if (through !== undefined) return emitThrough(through, endpoints, options);
  const signingKeys = await options.loadSigningKeys();
  const ended = new AbortController();
  const signing = { ...options, signingKeys };
  const blended = blendKeys({ ...signing, signal: ended.signal, onFailure: options.onJwksFailure });
  const lease = await leaseIssuer({ ...signing, port: options.issuerPort, command: "emit", blended }, clock);
  const webhooks = endpoints.map(({ url, eventTypes }) => ({
    id: createWebhookId(randomBytes),
    endpoint: url.href,
    eventTypes,
  }));
  const mock = createMock({
    webhooks: () => webhooks,
    signingKeys,
    issuer: () => lease.url,
    clock,
    time: createScheduleClock(clock, options.speed),
    schedule: options.hasRetries ? retrySchedule : noRetries,
    randomBytes,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    // A retry too is sent only while its app can verify it.
    around: lease.use,
    onChange,
  });
  return {
    issuer: lease.url,
    hasServedJwks: lease.hasServedJwks,
    emit: mock.emit,
    stop: mock.stop,
    close: async () => {
      ended.abort();
      await lease.close();
    },
  };
}

const nothing: Emitted = { deliveries: [], ended: () => Promise.resolve([]) };

/** The mock signs and delivers. @param endpoints in place of its webhooks */
function emitThrough(
  run: RunRecord,
  endpoints: readonly Endpoint[] | undefined,
  options: EmitterOptions,
): Emitter {
  const { timeoutMs, hasRetries, onChange } = options;
  const stopped = new AbortController();
  return {
    issuer: `http://localhost:${run.port}`,
    hasServedJwks: () => undefined,
    emit: async (request, signal) => {
      const wanting = endpoints?.filter(({ eventTypes }) => eventTypes.includes(request.type));
      const to = wanting?.map(({ url }) => url.href);
      if (to?.length === 0) return nothing;
      try {
        const deliveries = await emitThroughMock(
          run,
          { ...request, ...(to !== undefined && { to }), ...(timeoutMs !== undefined && { timeoutMs }) },
          answerWithin(timeoutMs, request),
          signal,
        );
        for (const delivery of deliveries) onChange(delivery);
        const follow = async (delivery: Delivery): Promise<Delivery> => {
          if (!hasRetries || delivery.state !== "pending") return delivery;
          const ends = signal === undefined ? stopped.signal : AbortSignal.any([stopped.signal, signal]);
          const ended = await awaitEnd(run, delivery, ends);
          if (ended.state !== "pending") onChange(ended);
          return ended;
        };
        return { deliveries, ended: async () => await Promise.all(deliveries.map(follow)) };
      } catch (error) {
        // Cut off by our own user: what the mock still delivers is in its history.
        if (signal?.aborted) return nothing;
        throw error;
      }
    },
    // It goes on delivering, whoever waits: nothing of ours is under way.
    stop: () => stopped.abort(),
    close: () => Promise.resolve(),
  };
}
