/** Ends connections whose request does not come to its end; idle ones are left alone, for a tunnel opens them ahead. */
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

export interface RequestWatch {
  /** Watches the connections of a server. */
  add(server: Server): void;
  /** Says that the head of a request was read. */
  begun(request: IncomingMessage): void;
  /** Says that a request was read whole. */
  ended(request: IncomingMessage): void;
  /** Says that its answer is out, and the connection is free for the next. */
  answered(request: IncomingMessage): void;
  /** Whether a request on this connection was read whole and is not answered yet. */
  isAnswerDue(socket: Socket): boolean;
  /** Ends the connections that have carried a request, behind what was written to them. */
  finish(): void;
  close(): void;
}

interface Watched {
  /** How many bytes had come when the last request was read whole. */
  seenBytes: number;
  /** When more was first seen, in epoch milliseconds. */
  since: number | undefined;
  /** Requests whose head is read, and whose body is not yet. */
  reading: number;
  /** Requests that are read and not answered yet. */
  underWay: number;
}

const stepMs = 1_000;

/**
 * Watches the connections of servers. Counting bytes each second costs a request nothing; a listener for its data
 * would take it off the fast path.
 * @param limitMs how long a request may take from its first byte to its last
 */
export function watchRequests(
  limitMs: number,
  now: () => number,
  onTimeout: (socket: Socket) => void,
): RequestWatch {
  const sockets = new Map<Socket, Watched>();
  const look = (): void => {
    for (const [socket, watched] of sockets) {
      // The beginning of a request may have come together with the end of the one before.
      const isIdle = watched.reading === 0 && socket.bytesRead === watched.seenBytes;
      if (watched.underWay > 0 || isIdle) watched.since = undefined;
      else if (watched.since === undefined) watched.since = now();
      else if (now() - watched.since >= limitMs) onTimeout(socket);
    }
  };
  const timer = setInterval(look, Math.min(stepMs, limitMs / 2)).unref();
  return {
    add: (server) => {
      server.on("connection", (socket: Socket) => {
        sockets.set(socket, { seenBytes: 0, since: undefined, reading: 0, underWay: 0 });
        socket.once("close", () => sockets.delete(socket));
      });
    },
    begun: ({ socket }) => {
      const watched = sockets.get(socket);
      if (watched !== undefined) watched.reading++;
    },
    ended: ({ socket }) => {
      const watched = sockets.get(socket);
      if (watched === undefined) return;
      watched.seenBytes = socket.bytesRead;
      watched.since = undefined;
      watched.reading--;
      watched.underWay++;
    },
    answered: ({ socket }) => {
      const watched = sockets.get(socket);
      if (watched !== undefined && watched.underWay > 0) watched.underWay--;
    },
    isAnswerDue: (socket) => (sockets.get(socket)?.underWay ?? 0) > 0,
    finish: () => {
      for (const [socket, { seenBytes }] of sockets) if (seenBytes > 0) socket.end();
    },
    close: () => clearInterval(timer),
  };
}
