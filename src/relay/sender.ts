import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Whoever sent a request and waits for its answer. */
export interface Sender {
  /** Whether it has gone before it was answered: it counts the request as failed, and tries again. */
  isGone(): boolean;
  /** Calls back when it goes before it is answered. @returns takes that back */
  onGone(callback: () => void): () => void;
}

export function senderOf({ socket }: IncomingMessage, response: ServerResponse): Sender {
  const isGone = (): boolean => !response.writableEnded && (socket.destroyed || !socket.writable);
  return {
    isGone,
    onGone: (callback) => {
      const listeners = closeListenersOf(socket);
      const onClose = (): void => {
        if (isGone()) callback();
      };
      listeners.add(onClose);
      return () => void listeners.delete(onClose);
    },
  };
}

const closeListeners = new WeakMap<Socket, Set<() => void>>();

// One listener of the connection for all that wait: a request may have many copies, and Node warns of the eleventh.
function closeListenersOf(socket: Socket): Set<() => void> {
  let known = closeListeners.get(socket);
  if (known === undefined) {
    const added = (known = new Set());
    closeListeners.set(socket, added);
    socket.once("close", () => {
      for (const onClose of added) onClose();
    });
  }
  return known;
}
