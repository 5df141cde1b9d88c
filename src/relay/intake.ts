/**
 * The one server that the internet reaches, through the tunnel: bare node:http, with the timeouts that a tunnel needs.
 * What is no webhook request ends here, in an empty answer that tells a stranger nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { listenOnLoopback } from "../net/listen.ts";
import type { Gate, Refusal } from "./gate.ts";
import { faultOf, malformed } from "./malformed-request.ts";
import type { Answer, Relay } from "./relay.ts";
import { createOpenAnswers } from "./open-answers.ts";
import { dropBody, hasBody, lengthOf, maxBodyBytes, readBody } from "./request-body.ts";
import { watchRequests } from "./request-watch.ts";
import { senderOf } from "./sender.ts";

export interface IntakeOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The answer to a probe's path. */
  readonly answerProbe: (path: string) => string | undefined;
  readonly gate: Gate;
  readonly relay: Pick<Relay, "pass">;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onRefused: (refused: RefusedRequest) => void;
  /** A bug of ours: the sender gets 500, and tries again. */
  readonly onFailure: (error: unknown) => void;
  /** How long a request may take from its first byte to its last, in milliseconds. Default 30 s. */
  readonly requestTimeoutMs?: number;
}

export interface RefusedRequest extends Refusal {
  readonly method: string | null;
  readonly path: string | null;
}

export interface Intake {
  readonly port: number;
  /** When a webhook was last let in, in epoch milliseconds; 0 when none was. */
  heardAt(): number;
  /** How many requests are not answered yet. */
  underWay(): number;
  /** Takes no more webhooks; resolves when those under way are answered, and ends their connections. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

const maxHeaderBytes = 16 << 10;
const maxInFlight = 100;
const defaultRequestTimeoutMs = 30_000;
const retryAfterSeconds = "5";

// A tunnel opens connections ahead and keeps them for hours: Node's own timeouts would answer them with 408, and the
// webhooks that come through them never reach the app.
const serverOptions = {
  headersTimeout: 0,
  requestTimeout: 0,
  keepAliveTimeout: 0,
  maxHeaderSize: maxHeaderBytes,
  insecureHTTPParser: false,
  // Judged here, so that it is recorded like every other refusal.
  requireHostHeader: false,
};

/** @throws {PortInUseError} when the port is taken */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { answerProbe, gate, relay, now, onRefused, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  /** What is not answered yet. A sender that does not read its answers must not take the place of others. */
  const underWay = new Set<ServerResponse>();
  const open = createOpenAnswers();
  let isClosing = false;
  let heardAt = 0;

  const watch = watchRequests(requestTimeoutMs, now, (socket) => {
    const reason = `the request did not come to its end within ${requestTimeoutMs / 1000} s`;
    refuseConnection(socket, { code: "ERR_REQUEST_TIMEOUT", reason, status: null }, undefined);
  });

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (open.isEnding(request.socket)) return;
    underWay.add(response);
    watch.begun(request);
    open.begin(request, response, () => {
      underWay.delete(response);
      watch.answered(request);
    });
    request.on("error", () => {});
    const refusal = judgeHead(request);
    if (refusal === undefined) {
      readBody(request, (body) => void admit(request, response, body));
      return;
    }
    const proof = request.method === "GET" ? answerProbe(request.url ?? "") : undefined;
    const answer = (): void => {
      watch.ended(request);
      if (proof === undefined) return refuse(request, response, refusal);
      const headers = ["content-length", String(proof.length)];
      end(response, { status: 200, headers, body: Buffer.from(proof) });
    };
    // The answer does not wait where the end of the body is unknown, or may never come (an upgrade).
    const isAtOnce = refusal.status === 400 || request.headers.upgrade !== undefined;
    if (isAtOnce || !hasBody(request)) answer();
    else dropBody(request, answer);
  };

  const judgeHead = (request: IncomingMessage): Refusal | undefined => {
    const { method, url = "", headers } = request;
    const fault = faultOf(request);
    if (fault !== undefined) return { code: "ERR_MALFORMED_REQUEST", reason: fault, status: 400 };
    // An absolute URL as the target, and an upgrade, are not for a webhook's endpoint.
    if (method !== "POST" || headers.upgrade !== undefined || !url.startsWith("/")) {
      const what =
        headers.upgrade === undefined ? `${method} is no webhook request` : "it asks for an upgrade";
      return { ...notAWebhook, reason: what };
    }
    if (isClosing) return { code: "ERR_CLOSING", reason: "the tunnel is about to stop", status: 503 };
    if (underWay.size > maxInFlight) {
      return { code: "ERR_TOO_MANY_REQUESTS", reason: `${maxInFlight} are under way`, status: 503 };
    }
    if (lengthOf(request) > maxBodyBytes) return tooLarge;
    return undefined;
  };

  const admit = async (
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer | undefined,
  ): Promise<void> => {
    if (body === undefined) {
      dropBody(request, () => {
        watch.ended(request);
        refuse(request, response, tooLarge);
      });
      return;
    }
    watch.ended(request);
    const sender = senderOf(request, response);
    try {
      const judgement = await gate(body);
      // Whoever has gone counts this as failed, and tries again: delivering it too would be once too often.
      if (sender.isGone()) return refuse(request, response, senderGone);
      if (!judgement.isAdmitted) return refuse(request, response, judgement);
      heardAt = now();
      const answer = await relay.pass(judgement, request, body, sender);
      if ("code" in answer) refuse(request, response, answer);
      else end(response, answer);
    } catch (error) {
      options.onFailure(error);
      end(response, internalError);
    }
  };

  const refuse = (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
    const { code, reason, status } = refusal;
    onRefused({ code, reason, status, method: request.method ?? null, path: request.url ?? null });
    if (status === null) return;
    const headers = ["content-length", "0"];
    if (status === 503) headers.push("retry-after", retryAfterSeconds);
    // What is left of a body that is not read must not be taken for the next request. A tunnel's server pipes what comes
    // behind an upgrade: left open, ten of them would hold all its connections.
    const isUnread = !request.complete && hasBody(request);
    if (isUnread || status === 400 || request.headers.upgrade !== undefined) {
      headers.push("connection", "close");
      open.endBehind(request.socket);
    }
    end(response, { status, headers, body: Buffer.alloc(0) });
  };

  const refuseConnection = (socket: Socket, refusal: Refusal, answer: string | undefined): void => {
    onRefused({ ...refusal, method: null, path: null });
    if (answer === undefined || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };

  const end = (response: ServerResponse, { status, statusMessage, headers, body }: Answer): void => {
    underWay.delete(response);
    if (statusMessage === undefined) response.writeHead(status, [...headers]);
    else response.writeHead(status, statusMessage, [...headers]);
    response.end(body);
  };

  const create = (): Server => {
    const server = createServer(serverOptions, handle);
    // Their bytes are limited; a limit to their number would drop the last of them, and say nothing.
    server.maxHeadersCount = 0;
    server.on("checkExpectation", handle);
    watch.add(server);
    open.add(server);
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      if (open.isEnding(socket)) return;
      const [refusal, statusLine] = malformed(error);
      // The sender hung up in the middle of a request, or between two: nobody is there to be answered.
      if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
      else if (!watch.isAnswerDue(socket)) refuseConnection(socket, refusal, statusLine);
      else {
        // An answer written now would be taken for the one that is still to come.
        open.endBehind(socket);
        onRefused({ ...refusal, status: null, method: null, path: null });
      }
    });
    server.on("connect", (_request: IncomingMessage, socket: Socket) => {
      // Node has taken its own listener away: unheard, a reset would end the process.
      socket.on("error", () => {});
      refuseConnection(socket, { ...notAWebhook, reason: "CONNECT is no webhook request" }, "404 Not Found");
    });
    return server;
  };
  const server = await listenOnLoopback(options.port, create);
  return {
    port: server.port,
    heardAt: () => heardAt,
    underWay: () => underWay.size,
    drain: async () => {
      isClosing = true;
      await open.none();
      watch.finish();
    },
    close: async () => {
      watch.close();
      await server.close();
    },
  };
}

const notAWebhook = { code: "ERR_NOT_A_WEBHOOK_REQUEST", status: 404 } as const;
const tooLarge: Refusal = { code: "ERR_BODY_TOO_LARGE", reason: "its body exceeds 1 MiB", status: 413 };
const internalError: Answer = {
  status: 500,
  statusMessage: "Internal Server Error",
  headers: ["content-length", "0"],
  body: Buffer.alloc(0),
};
const senderGone: Refusal = {
  code: "ERR_SENDER_GONE",
  reason: "the sender hung up before it was passed on; it tries again",
  status: null,
};
