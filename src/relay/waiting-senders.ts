import type { Sender } from "./sender.ts";

/** What one sender sends to one endpoint. */
export interface SentBy {
  readonly endpoint: URL;
  /** Without one nobody can tell a second attempt from another event. */
  readonly webhookId: string | null;
  readonly sender: Sender;
}

export interface WaitingSender extends Sender {
  /** Says that its request waits no more. */
  leave(): void;
}

/**
 * Those whose requests wait. Who sends the same webhook again has given up the attempt before: through localtunnel
 * nothing else shows it, for its server keeps the connection of a sender that has gone.
 */
export interface WaitingSenders {
  /** Says that a request has come: its sender has given up what of the same webhook waits for the same endpoint. */
  arrived(request: SentBy): void;
  /** The sender of a request that begins to wait; gone also when it has given up. */
  enter(request: SentBy): WaitingSender;
}

export function createWaitingSenders(): WaitingSenders {
  /** How to give up the latest, by webhook and endpoint. */
  const latest = new Map<string, () => void>();
  return {
    arrived: (request) => {
      if (latest.size > 0 && request.webhookId !== null) latest.get(keyOf(request))?.();
    },
    enter: (request) => {
      const { webhookId, sender } = request;
      const key = keyOf(request);
      const callbacks = new Set<() => void>();
      let hasGivenUp = false;
      const giveUp = (): void => {
        hasGivenUp = true;
        for (const callback of callbacks) callback();
      };
      if (webhookId !== null) latest.set(key, giveUp);
      return {
        isGone: () => hasGivenUp || sender.isGone(),
        onGone: (callback) => {
          callbacks.add(callback);
          const forget = sender.onGone(callback);
          return () => {
            callbacks.delete(callback);
            forget();
          };
        },
        leave: () => {
          if (latest.get(key) === giveUp) latest.delete(key);
        },
      };
    },
  };
}

function keyOf({ endpoint, webhookId }: SentBy): string {
  return `${webhookId} ${endpoint.href}`;
}
