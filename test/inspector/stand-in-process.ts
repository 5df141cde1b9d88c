/** What stands behind the page, as far as the page goes: its files, the API and the live feed, driven by a test. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { DeliveryDetail, DeliverySummary, LiveMessage, Status } from "../../src/inspector/protocol.ts";
import { sampleAttempt, sampleDelivery } from "../delivery/sample-delivery.ts";
import { sampleStatus } from "./samples.ts";

export interface StandInOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The control token: another run has another. */
  readonly token?: string;
  readonly status?: Partial<Status>;
  /** The latest first, as they come to the page. */
  readonly deliveries?: readonly DeliverySummary[];
}

export interface StandInProcess extends AsyncDisposable {
  readonly port: number;
  /** With a ticket, as it would be printed. */
  readonly url: string;
  /** Without one. */
  readonly bareUrl: string;
  /** `POST /_devhook/api/…`, with what was asked for. */
  readonly orders: { readonly path: string; readonly body: unknown }[];
  /** To all pages that are open. */
  send(message: LiveMessage): void;
}

const partLength = 500;
const policy = (host: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${host} wss://${host}; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export async function startStandInProcess(options: StandInOptions = {}): Promise<StandInProcess> {
  const { token = "token-of-the-first-run", deliveries = [] } = options;
  const status = sampleStatus(options.status);
  const tickets = new Set(["first-ticket", "second-ticket"]);
  const orders: { path: string; body: unknown }[] = [];

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "kinde-devhook" });
  server.on("upgrade", (request, socket, head) => {
    if (request.headers["sec-websocket-protocol"] !== `kinde-devhook, ${token}`) {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const send = (message: LiveMessage): void => webSocket.send(JSON.stringify(message));
      send({ kind: "hello", status });
      for (let from = 0; from === 0 || from < deliveries.length; from += partLength) {
        const to = from + partLength;
        send({ kind: "deliveries", deliveries: deliveries.slice(from, to), isLast: to >= deliveries.length });
      }
    });
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const bareUrl = `http://127.0.0.1:${port}/_devhook/`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.replace("/_devhook/", "");
    const json = (code: number, body: object): void => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (!path.startsWith("api/")) {
      serveFile(path === "" ? "index.html" : path, response);
      return;
    }
    const body =
      request.method === "POST" ? ((await readJson(request)) as Record<string, string>) : undefined;
    if (body !== undefined) orders.push({ path, body });
    if (path === "api/session") {
      if (tickets.delete(body!["ticket"]!)) json(200, { token });
      else json(401, refusal("ERR_TICKET", "The ticket was used before."));
    } else if (request.headers.authorization !== `Bearer ${token}`) {
      json(401, refusal("ERR_CONTROL_TOKEN", "The control token is another."));
    } else if (path === "api/status") json(200, status);
    else if (path === "api/event-types") json(200, { eventTypes: [] });
    else if (path.endsWith("/replay")) json(400, noReplay);
    else if (path.startsWith("api/deliveries/")) json(200, detailOf(path.slice("api/deliveries/".length)));
    else json(404, refusal("ERR_UNKNOWN_ROUTE", "There is no such route."));
  }

  function serveFile(name: string, response: ServerResponse): void {
    const path = `dist/inspector/${name}`;
    if (!/^[a-z.]+$/.test(name) || !existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    const type = { html: "text/html", js: "text/javascript", css: "text/css" }[name.split(".").at(-1)!];
    response
      .writeHead(200, {
        "content-type": `${type}; charset=utf-8`,
        "content-security-policy": policy(`127.0.0.1:${port}`),
        "x-content-type-options": "nosniff",
      })
      .end(readFileSync(path));
  }

  return {
    port,
    url: `${bareUrl}#t=first-ticket`,
    bareUrl,
    orders,
    send: (message) => {
      for (const client of sockets.clients) client.send(JSON.stringify(message));
    },
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const noReplay = refusal("ERR_REDACTED", "Failed to replay: no token was kept.");

/** Of any id: what is told in detail has tests of its own. */
function detailOf(id: string): DeliveryDetail {
  const delivery = sampleDelivery({ id, state: "delivered", attempts: [sampleAttempt()] });
  return { delivery, header: null, claims: null, signer: null, hints: [], ladder: [] };
}

function refusal(code: string, message: string): object {
  return { errors: [{ code, message }] };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}
