/** An inspector served by an issuer, over sockets, with deliveries that a test tells of. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { systemClock } from "../../src/delivery/clock.ts";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { createInspector } from "../../src/inspector/inspector.ts";
import type { LiveListener, LiveSource } from "../../src/inspector/live-page.ts";
import type { LiveMessage } from "../../src/inspector/protocol.ts";
import { createMemoryHistory } from "../../src/history/memory-history.ts";
import { startIssuer, type Issuer } from "../../src/issuer/server.ts";
import { signingKeys } from "../helpers/keys.ts";
import { mockStatus } from "../helpers/mock-status.mjs";
import { controlToken } from "../issuer/test-issuer.ts";
import { makeCertificates } from "../net/test-certificates.ts";

export interface ServedInspector extends Issuer, AsyncDisposable {
  /** Those that are told of to whoever comes. */
  readonly deliveries: Delivery[];
  /** Whoever looks now. */
  readonly listeners: ReadonlySet<LiveListener>;
  /** Opens the live feed as the page does. */
  open(url?: string, options?: WebSocket.ClientOptions): TestPage;
}

export interface TestPage extends Disposable {
  readonly socket: WebSocket;
  /** The next message that nobody has asked for yet. */
  next(): Promise<LiveMessage>;
  /** Its code, when it has closed. */
  readonly closed: Promise<number>;
}

export async function serveInspector(options: {
  readonly directory: string;
  readonly heartbeatMs?: number;
  readonly recent?: LiveSource["recent"];
  readonly watch?: LiveSource["watch"];
}): Promise<ServedInspector> {
  const deliveries: Delivery[] = [];
  const listeners = new Set<LiveListener>();
  const source: LiveSource = {
    status: () => mockStatus,
    recent:
      options.recent ??
      async function* () {
        yield* deliveries;
      },
    watch:
      options.watch ??
      ((listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      }),
  };
  const certificates = await makeCertificates();
  const issuer = await startIssuer({
    port: 0,
    jwks: signingKeys.jwks,
    control: { project: null, token: controlToken, keys: signingKeys, history: createMemoryHistory() },
    inspector: () => createInspector(source, { clock: systemClock, ...options }),
    certificates: () => Promise.resolve(certificates),
  });
  return {
    ...issuer,
    deliveries,
    listeners,
    open: (url = `ws://localhost:${issuer.port}/_devhook/live`, more = {}) =>
      openPage(new WebSocket(url, ["kinde-devhook", controlToken], { origin: issuer.url, ...more })),
    [Symbol.asyncDispose]: () => issuer.close(0),
  };
}

function openPage(socket: WebSocket): TestPage {
  const messages: LiveMessage[] = [];
  socket.on("message", (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as LiveMessage);
    socket.emit("told");
  });
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  return {
    socket,
    closed,
    next: async () => {
      while (messages.length === 0) {
        const ended = closed.then((code) => {
          throw new Error(`closed with ${code}`);
        });
        await Promise.race([once(socket, "told"), ended]);
      }
      return messages.shift()!;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
