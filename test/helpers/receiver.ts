/** A real HTTP server that stands for the app under development. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** A status, or what to do with the request: answer it, hang, cut the connection. */
export type Answer =
  | number
  | ((response: ServerResponse, request: ReceivedRequest, incoming: IncomingMessage) => void | Promise<void>);

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/api/webhook`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** The next request that nobody has asked for yet. */
  next(): Promise<ReceivedRequest>;
}

/** Starts a server; `answers` are used in turn, the last one for ever. */
export async function startReceiver(
  options: { answers?: readonly Answer[]; port?: number; host?: string } = {},
): Promise<Receiver> {
  const { answers = [200], port: wantedPort = 0, host = "127.0.0.1" } = options;
  const requests: ReceivedRequest[] = [];
  const waiting: ((request: ReceivedRequest) => void)[] = [];
  let taken = 0;
  let answered = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      // Cut off before its end: an app never gets to see it.
      return;
    }
    const request: ReceivedRequest = {
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body: Buffer.concat(chunks),
    };
    requests.push(request);
    const waiter = waiting.shift();
    if (waiter !== undefined) {
      taken++;
      waiter(request);
    }
    const answer = answers[Math.min(answered++, answers.length - 1)] ?? 200;
    if (typeof answer === "number") response.writeHead(answer).end();
    else await answer(response, request, incoming);
  });
  server.listen(wantedPort, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/api/webhook`,
    port,
    requests,
    next: () => {
      const request = requests[taken];
      if (request !== undefined) {
        taken++;
        return Promise.resolve(request);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
