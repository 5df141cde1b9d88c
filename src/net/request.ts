/** One HTTP request on node:http: raw bytes out, a bounded answer back. Redirects are answers like any other. */
import {
  Agent as HttpAgent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { lookupWithLoopback } from "./loopback.ts";

export interface RequestOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** From the start to the end of the answer. */
  readonly timeoutMs: number;
  /** How many bytes of the answer's body are kept. */
  readonly maxBodyBytes: number;
  readonly signal?: AbortSignal;
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body was longer than `maxBodyBytes`. */
  readonly isTruncated: boolean;
}

export type RequestErrorCode =
  | "ERR_CONNECTION_REFUSED"
  | "ERR_CONNECTION_CLOSED"
  | "ERR_CONNECTION_FAILED"
  | "ERR_HOST_NOT_FOUND"
  | "ERR_TIMEOUT"
  | "ERR_TLS"
  | "ERR_ABORTED";

/** No answer came. The message completes "the request failed: …". */
export class RequestError extends Error {
  readonly code: RequestErrorCode;
  constructor(code: RequestErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

// A pooled socket is let go well before servers drop theirs (Node: 5 s): a request must not meet a closing socket.
const idleSocketMs = 1_000;
const pooling = { keepAlive: true, timeout: idleSocketMs };

interface Transport {
  readonly send: typeof requestHttp;
  readonly agent: HttpAgent;
}

const http: Transport = { send: requestHttp, agent: new HttpAgent(pooling) };
let https: Promise<Transport> | undefined;

// What is left of a long body is read and dropped up to here, to keep the connection; beyond, the connection is cut.
const drainBytes = 1 << 20;

/**
 * Sends one request and reads its answer.
 * @throws {RequestError} when no whole answer came
 */
export async function request(url: URL, options: RequestOptions): Promise<Response> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  let outgoing: ClientRequest | undefined;
  let response: IncomingMessage | undefined;
  try {
    // Most apps under development are on http; TLS is loaded with the first that is not.
    const { send, agent } = url.protocol === "https:" ? await (https ??= loadHttps()) : http;
    return await new Promise((resolve, reject) => {
      outgoing = send(url, {
        method: options.method,
        headers: { ...options.headers, "content-length": String(options.body?.byteLength ?? 0) },
        agent,
        lookup: lookupWithLoopback,
        signal,
      });
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        response = incoming;
        readBody(incoming, options.maxBodyBytes).then(resolve, reject);
      });
      outgoing.end(options.body);
    });
  } catch (error) {
    if (options.signal?.aborted) throw new RequestError("ERR_ABORTED", "it was cancelled", error);
    if (deadline.aborted) {
      const seconds = options.timeoutMs / 1000;
      throw new RequestError(
        "ERR_TIMEOUT",
        response === undefined
          ? `no answer within ${seconds} s`
          : `the answer did not end within ${seconds} s`,
        error,
      );
    }
    throw requestError(error, url);
  } finally {
    outgoing?.on("error", () => {});
  }
}

async function loadHttps(): Promise<Transport> {
  const { Agent, request: send } = await import("node:https");
  return { send, agent: new Agent(pooling) };
}

async function readBody(incoming: IncomingMessage, maxBodyBytes: number): Promise<Response> {
  const chunks: Buffer[] = [];
  let kept = 0;
  let seen = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    seen += chunk.length;
    if (kept < maxBodyBytes) {
      const part = chunk.subarray(0, maxBodyBytes - kept);
      chunks.push(part);
      kept += part.length;
    }
    // Leaving the loop destroys the stream, and with it the socket.
    if (seen > drainBytes + maxBodyBytes) break;
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
    isTruncated: seen > kept,
  };
}

function requestError(error: unknown, url: URL): RequestError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") {
    return new RequestError("ERR_CONNECTION_REFUSED", `nothing listens at ${url.host}`, error);
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new RequestError("ERR_HOST_NOT_FOUND", `the name ${url.hostname} can't be found`, error);
  }
  if (["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code)) {
    return new RequestError(
      "ERR_CONNECTION_CLOSED",
      "the connection was closed before the answer was whole",
      error,
    );
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) {
    return new RequestError("ERR_TLS", `no TLS connection to ${url.host} (${code})`, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new RequestError("ERR_CONNECTION_FAILED", message, error);
}
