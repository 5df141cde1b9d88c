/** An app that notes what reached it, however often, and can be stopped and started again on its port. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { buffer } from "node:stream/consumers";
import { selfSigned } from "../e2e/self-signed-app.ts";
import { findFreePort } from "../helpers/free-port.ts";

/** A status; no answer at all; or the connection closed without one. */
export type AppAnswer = number | "hang" | "close";

export interface RecordingAppOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** https with a certificate that nobody trusts. */
  readonly isSelfSigned?: boolean;
  /** @param attempt the sender's, 1 for the first of a webhook */
  readonly answer?: (attempt: number) => AppAnswer | Promise<AppAnswer>;
}

/** What came under one webhook-id. */
export interface SeenWebhook {
  /** The bodies' SHA-256, in hex. */
  readonly bodies: Set<string>;
  /** When each of the sender's attempts came, by its number; epoch milliseconds. */
  readonly attempts: Map<number, number[]>;
  /** How often it was answered 200. */
  accepted: number;
}

export interface RecordingApp extends AsyncDisposable {
  readonly port: number;
  readonly seen: ReadonlyMap<string, SeenWebhook>;
  start(): Promise<void>;
  /** Cuts off what is under way. */
  stop(): Promise<void>;
}

/** The header by which senders number their attempts. */
export const attemptHeader = "x-attempt";

export async function startRecordingApp(options: RecordingAppOptions = {}): Promise<RecordingApp> {
  const { host = "127.0.0.1", isSelfSigned = false, answer = () => 200 } = options;
  const port = await findFreePort();
  const seen = new Map<string, SeenWebhook>();
  const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body: Buffer;
    try {
      body = await buffer(incoming);
    } catch {
      // Cut off before its end: an app never gets to see it.
      return;
    }
    const attempt = Number(incoming.headers[attemptHeader]);
    const webhook = note(seen, String(incoming.headers["webhook-id"]), attempt, body);
    const how = await answer(attempt);
    if (how === "close") incoming.socket.destroy();
    if (typeof how !== "number") return;
    // Counted before the answer leaves: an answer that is lost on its way was given all the same.
    if (how === 200) webhook.accepted++;
    response.writeHead(how).end();
  };
  let server: Server | undefined;
  const app: RecordingApp = {
    port,
    seen,
    start: async () => {
      server = createListening(listener, isSelfSigned);
      server.listen(port, host);
      await once(server, "listening");
    },
    stop: async () => {
      if (server === undefined) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      server = undefined;
      await closed;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
  await app.start();
  return app;
}

function createListening(listener: RequestListener, isSelfSigned: boolean): Server {
  return isSelfSigned ? createTlsServer(selfSigned, listener) : createServer(listener);
}

function note(seen: Map<string, SeenWebhook>, id: string, attempt: number, body: Buffer): SeenWebhook {
  const webhook = seen.get(id) ?? { bodies: new Set(), attempts: new Map(), accepted: 0 };
  seen.set(id, webhook);
  webhook.bodies.add(sha256(body));
  webhook.attempts.set(attempt, [...(webhook.attempts.get(attempt) ?? []), Date.now()]);
  return webhook;
}

/** In hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
