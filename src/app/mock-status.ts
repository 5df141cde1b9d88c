import type { Status } from "../inspector/protocol.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";
import { processStatus } from "./process-status.ts";

export interface MockStatusOptions {
  readonly localIssuer: string;
  readonly realIssuer: string | undefined;
  /** When it began, in epoch milliseconds. */
  readonly startedAt: number;
  readonly webhooks: () => readonly RegisteredWebhook[];
  /** The time by which retries fall due, in epoch milliseconds. */
  readonly now: () => number;
}

/** How a mock is, as the inspector shows it: asked for each time. */
export function createMockStatus(options: MockStatusOptions): () => Status {
  const { localIssuer, realIssuer = null, startedAt, webhooks, now } = options;
  const process = processStatus("mock", startedAt);
  return () => ({
    ...process,
    localIssuer,
    realIssuer,
    tunnel: null,
    apps: [],
    endpoints: [...new Set(webhooks().flatMap(({ endpoint, isDisabled }) => (isDisabled ? [] : [endpoint])))],
    isPaused: false,
    isRedacted: false,
    shielded: null,
    refused: null,
    webhooks: webhooks().map(({ id, endpoint, eventTypes, isDisabled }) => ({
      id,
      endpoint,
      eventTypes,
      isDisabled,
    })),
    now: new Date(now()).toISOString(),
  });
}
