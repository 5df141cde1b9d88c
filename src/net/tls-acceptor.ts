/** Server-side TLS on connections that another server has accepted. */
import type { Socket } from "node:net";
import type { Server, TLSSocket } from "node:tls";
import type { LocalCertificates } from "./local-certificates.ts";

export type TlsAcceptor = (socket: Socket, certificates: LocalCertificates) => void;

/**
 * @param onSecure called with a connection once its handshake is done; without that it is ended
 * @param handshakeTimeoutMs how long a handshake may take
 */
export async function loadTlsAcceptor(
  onSecure: (socket: TLSSocket) => void,
  handshakeTimeoutMs: number,
): Promise<TlsAcceptor> {
  const { createServer } = await import("node:tls");
  let server: Server | undefined;
  let current: LocalCertificates | undefined;
  return (socket, certificates) => {
    const context = { key: certificates.key, cert: certificates.certificate };
    if (server === undefined) {
      server = createServer(
        // As node:https has it: a client that speaks HTTP/2 alone is told so, and not answered what it can't read.
        { ...context, handshakeTimeout: handshakeTimeoutMs, ALPNProtocols: ["http/1.1"] },
        onSecure,
      );
      // Garbage, a client that does not trust us, one that takes too long.
      server.on("tlsClientError", (_error, client) => client.destroy());
    } else if (current !== certificates) {
      server.setSecureContext(context);
    }
    current = certificates;
    // As node:https has it: who says no more ends the connection.
    socket.allowHalfOpen = false;
    server.emit("connection", socket);
  };
}
