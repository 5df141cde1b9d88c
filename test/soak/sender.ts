/** Sends webhooks as Kinde does, again and again until each is answered 200; its schedule is Kinde's, compressed. */
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { retrySchedule } from "../../src/kinde/retry-schedule.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { attemptHeader, sha256 } from "./recording-app.ts";

export interface SenderOptions {
  /** Asked at each attempt. */
  readonly endpoint: () => string;
  readonly createBody: () => Uint8Array;
  /** By how much the schedule is compressed. */
  readonly speed: number;
  /** How long the sender waits for an answer. */
  readonly attemptTimeoutMs: number;
}

export interface SentWebhook {
  readonly id: string;
  readonly bodySha256: string;
  /** When each attempt was over for the sender, and how: its status, or nothing. */
  readonly attempts: { readonly endedAt: number; readonly status: number | undefined }[];
  isAccepted: boolean;
}

export interface Sender {
  readonly webhooks: readonly SentWebhook[];
  /** Begins to send so many, spread over a time; does not wait for their ends. */
  send(count: number, overMs: number): void;
  /** Sends so many, several at once, each to its end. */
  sendAll(count: number, concurrency: number): Promise<void>;
  /** Resolves when each is accepted or given up. */
  settled(): Promise<void>;
  /** Makes no further attempts. */
  stop(): void;
}

export function createSender(options: SenderOptions): Sender {
  const webhooks: SentWebhook[] = [];
  const underWay = new Set<Promise<void>>();
  const stopped = new AbortController();
  // Each that waits listens to it.
  setMaxListeners(0, stopped.signal);
  const bring = async (delayMs = 0): Promise<void> => {
    await wait(delayMs, undefined, { signal: stopped.signal });
    const body = options.createBody();
    const webhook = {
      id: randomBytes(16).toString("hex"),
      bodySha256: sha256(body),
      attempts: [],
      isAccepted: false,
    };
    webhooks.push(webhook);
    await bringToItsEnd(webhook, body, options, stopped.signal);
  };
  const begin = (delayMs: number): void => {
    const end = bring(delayMs)
      // Stopped: what it had come to by then is what counts.
      .catch((error: unknown) => {
        if (!stopped.signal.aborted) throw error;
      })
      .finally(() => underWay.delete(end));
    underWay.add(end);
  };
  return {
    webhooks,
    send: (count, overMs) => {
      for (let index = 0; index < count; index++) begin((index * overMs) / count);
    },
    sendAll: async (count, concurrency) => {
      let left = count;
      const sendWhileAny = async (): Promise<void> => {
        while (left-- > 0) await bring();
      };
      await Promise.all(Array.from({ length: concurrency }, sendWhileAny));
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop: () => stopped.abort(),
  };
}

async function bringToItsEnd(
  webhook: SentWebhook,
  body: Uint8Array,
  { endpoint, speed, attemptTimeoutMs }: SenderOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const delayMs of retrySchedule) {
    await wait(delayMs / speed, undefined, { signal });
    const headers = {
      "content-type": "application/jwt",
      "webhook-id": webhook.id,
      [attemptHeader]: String(webhook.attempts.length + 1),
    };
    const request = { method: "POST", headers, body, timeoutMs: attemptTimeoutMs };
    const status = await requestPublic(endpoint(), request).then(
      (answer) => answer.status,
      // Whatever it was, for the sender there is no answer.
      () => undefined,
    );
    webhook.attempts.push({ endedAt: Date.now(), status });
    if (status !== 200) continue;
    webhook.isAccepted = true;
    return;
  }
}
