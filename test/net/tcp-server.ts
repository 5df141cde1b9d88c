import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface TcpServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * A server on 127.0.0.1 that need not speak HTTP. It may be closed more than once.
 * @param port default: any that is free
 */
export async function startTcpServer(onConnection: (socket: Socket) => void, port = 0): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  let closing: Promise<unknown> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      closing ??= once(server.close(), "close");
      for (const socket of sockets) socket.destroy();
      await closing;
    },
  };
}
