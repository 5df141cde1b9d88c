import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** A connection that this process opened. */
export interface WatchedSocket {
  readonly socket: Socket;
  /** Where it goes, once that is known. */
  port: number | undefined;
  /** What `setKeepAlive` was called with, in order. */
  readonly keepAlive: unknown[][];
}

export interface SocketWatch extends Disposable {
  /** Every connection opened since, in order. */
  readonly sockets: readonly WatchedSocket[];
  /** Those that are not ended. */
  readonly open: readonly WatchedSocket[];
}

/** Sees every connection that this process opens until the end of the block. */
export function watchSockets(): SocketWatch {
  const sockets: WatchedSocket[] = [];
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    const watched: WatchedSocket = { socket, port: undefined, keepAlive: [] };
    const setKeepAlive = socket.setKeepAlive.bind(socket);
    socket.setKeepAlive = (...values) => {
      watched.keepAlive.push(values);
      return setKeepAlive(...values);
    };
    socket.once("connect", () => (watched.port = socket.remotePort));
    sockets.push(watched);
  };
  subscribe("net.client.socket", onSocket);
  return {
    sockets,
    get open() {
      return sockets.filter(({ socket }) => !socket.closed);
    },
    [Symbol.dispose]: () => void unsubscribe("net.client.socket", onSocket),
  };
}
