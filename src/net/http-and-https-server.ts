/**
 * HTTP and HTTPS on one port, told apart by the first byte of a connection.
 * Source: RFC 8446, section 5.1: TLS begins with a handshake record, and that with the byte 22.
 */
import { Server, type RequestListener, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { LocalCertificates } from "./local-certificates.ts";
import { loadTlsAcceptor, type TlsAcceptor } from "./tls-acceptor.ts";

const handshakeRecord = 22;

/**
 * A server of node:http that is handed each connection once its first byte is there, out of TLS where that is what it
 * begins. What node:http knows of connections (its timeouts, how it closes them) holds for both.
 */
export class HttpAndHttpsServer extends Server {
  /** The connections that node:http knows nothing of yet, and those that lie beneath TLS. */
  readonly #sockets = new Set<Socket>();

  /** @param certificates asked for at each connection that begins TLS, and never before; each time the same until they change */
  constructor(
    certificates: () => Promise<LocalCertificates>,
    listener: RequestListener,
    options: ServerOptions = {},
  ) {
    super(options, listener);
    const [acceptHttp] = this.listeners("connection") as [(socket: Socket) => void];
    let acceptor: Promise<TlsAcceptor> | undefined;
    const acceptTls = async (socket: Socket): Promise<void> => {
      acceptor ??= loadTlsAcceptor((secure) => acceptHttp.call(this, secure), this.headersTimeout);
      const [accept, current] = await Promise.all([acceptor, certificates()]);
      if (!socket.destroyed) accept(socket, current);
    };
    this.removeAllListeners("connection");
    this.on("connection", (socket) => this.#awaitFirstByte(socket, acceptHttp, acceptTls));
  }

  /** Those too that have said nothing yet, and those that are still about to agree on TLS. */
  override closeAllConnections(): void {
    super.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #awaitFirstByte(
    socket: Socket,
    acceptHttp: (socket: Socket) => void,
    acceptTls: (socket: Socket) => Promise<void>,
  ): void {
    const cut = (): void => void socket.destroy();
    const forget = (): void => void this.#sockets.delete(socket);
    this.#sockets.add(socket);
    socket.on("error", cut).on("end", cut).on("close", forget);
    // As long as node:http itself waits for a client that says nothing.
    socket.setTimeout(this.headersTimeout, cut);
    socket.once("data", (bytes: Buffer) => {
      socket.off("end", cut).setTimeout(0, cut);
      if (bytes[0] === handshakeRecord) {
        socket.pause();
        socket.unshift(bytes);
        acceptTls(socket).catch(cut);
        return;
      }
      forget();
      socket.off("error", cut).off("close", forget);
      acceptHttp.call(this, socket);
      // Whoever listens now hears this at once, as if it had just come.
      socket.unshift(bytes);
    });
  }
}
