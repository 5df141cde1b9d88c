/** What is still to be answered, on which connection; a connection that ends leaves nothing behind. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface OpenAnswers {
  /** Counts the connections of a server. */
  add(server: Server): void;
  /** Counts an answer until its last byte is out, or its connection has ended. */
  begin(request: IncomingMessage, response: ServerResponse, onOver: () => void): void;
  /** Ends a connection behind the last of its answers: what comes after them is nobody's. */
  endBehind(socket: Socket): void;
  /** Whether a connection is to end so. */
  isEnding(socket: Socket): boolean;
  /** Resolves when none is open. */
  none(): Promise<void>;
}

export function createOpenAnswers(): OpenAnswers {
  const open = new Map<Socket, Set<() => void>>();
  const ending = new WeakSet<Socket>();
  let count = 0;
  let onNone: (() => void) | undefined;
  return {
    add: (server) => {
      server.on("connection", (socket: Socket) => {
        const answers = new Set<() => void>();
        open.set(socket, answers);
        // Node closes no answer that is queued behind another one when their connection ends.
        socket.once("close", () => {
          open.delete(socket);
          for (const over of answers) over();
        });
      });
    },
    begin: ({ socket }, response, onOver) => {
      const answers = open.get(socket);
      const over = (): void => {
        if (answers?.delete(over) !== true) return;
        count--;
        onOver();
        if (answers.size === 0 && ending.has(socket)) socket.end();
        if (count === 0) onNone?.();
      };
      if (answers === undefined) return;
      count++;
      answers.add(over);
      response.once("close", over);
    },
    endBehind: (socket) => void ending.add(socket),
    isEnding: (socket) => ending.has(socket),
    none: async () => {
      if (count > 0) await new Promise<void>((resolve) => (onNone = resolve));
    },
  };
}
