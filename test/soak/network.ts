/**
 * The network between a localtunnel server and its clients: everything goes through it, and it can be cut, slow, away,
 * or swallow what it is given.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { pipeline } from "node:stream";
import { json } from "node:stream/consumers";
import { listenOnLoopback } from "../helpers/listen-on-loopback.mjs";
import { createWire, type Wire } from "./wire.ts";

export interface Network extends AsyncDisposable {
  /** The localtunnel server's, as it is seen through this network. */
  readonly url: string;
  /** Ends the tunnel's connections; new ones are fine. */
  cut(): void;
  /**
   * The tunnel's connections stay open, and carry nothing any more; those made more than a second later are fine.
   * @param lingerMs how long the server keeps its ends when the client has ended its own
   */
  swallow(lingerMs?: number): void;
  /** What goes through takes so long, each way. */
  delay(delayMs: number): void;
  /** Ends all connections, and takes no new ones until `comeBack`. */
  goAway(): void;
  comeBack(): void;
}

const beingMadeMs = 1_000;

/** @param serverPort the localtunnel server's */
export async function startNetwork(serverPort: number): Promise<Network> {
  const wires = new Set<Wire>();
  const listening: { readonly close: () => Promise<unknown> }[] = [];
  let isAway = false;
  let swallowing = { until: 0, lingerMs: 0 };
  let delayMs = 0;

  /** @returns the port that leads to the other */
  const lead = async (port: number): Promise<number> => {
    const opened = await listenOnLoopback(0, () =>
      // Half of a connection may end before the other: each end is passed on by itself.
      createTcpServer({ allowHalfOpen: true }, (socket) => {
        if (isAway) {
          socket.destroy();
          return;
        }
        const wire = createWire(socket, port, () => delayMs);
        wires.add(wire);
        if (performance.now() < swallowing.until) wire.swallow(swallowing.lingerMs);
        void wire.closed.then(() => wires.delete(wire));
      }),
    );
    listening.push(opened);
    return opened.port;
  };
  const passOn = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (isAway) {
      incoming.socket.destroy();
      return;
    }
    const { method, url: path, headers } = incoming;
    const outgoing = request({ port: serverPort, agent: false, method, path, headers }, (answer) => {
      const isRegistration = /^localhost(:|$)/.test(headers.host ?? "") && answer.statusCode === 200;
      if (isRegistration) void grant(answer, response);
      else pipeline(answer, response.writeHead(answer.statusCode ?? 0, answer.headers), () => {});
    });
    outgoing.on("error", () => incoming.socket.destroy());
    pipeline(incoming, outgoing, () => {});
  };
  const grant = async (answer: IncomingMessage, response: ServerResponse): Promise<void> => {
    const granted = (await json(answer)) as { readonly port: number };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...granted, port: await lead(granted.port) }));
  };
  const front = await listenOnLoopback(0, () => createServer(passOn));
  listening.push(front);

  const cut = (): void => {
    for (const wire of wires) wire.cut();
  };
  return {
    url: `http://localhost:${front.port}`,
    cut,
    swallow: (lingerMs = 0) => {
      // One that was just being made anew would carry everything.
      swallowing = { until: performance.now() + beingMadeMs, lingerMs };
      for (const wire of wires) wire.swallow(lingerMs);
    },
    delay: (next) => (delayMs = next),
    goAway: () => {
      isAway = true;
      cut();
    },
    comeBack: () => (isAway = false),
    [Symbol.asyncDispose]: async () => {
      const closed = listening.map(({ close }) => close());
      cut();
      await Promise.all(closed);
    },
  };
}
