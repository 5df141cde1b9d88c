/** One HTTP request on node:http: raw bytes out, a bounded answer back. Redirects are answers like any other. */
import {
  Agent as HttpAgent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import type { RequestOptions as HttpsRequestOptions } from "node:https";
// A test that holds the global timers, to move the time of its app, does not hold the network's.
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import { abortListenersOf } from "./abort-listeners.ts";
import { addressOptions } from "./loopback.ts";
import { writeBody, type BodyPacing } from "./paced-body.ts";
import { describeFailure, RequestError, timeoutError } from "./request-error.ts";

export interface RequestOptions {
  readonly method: string;
  /** By name, or as a flat list of names and values. `host` and `content-length` are added. */
  readonly headers: Readonly<Record<string, string>> | readonly string[];
  readonly body?: Uint8Array;
  /** How the body goes out. Default: at once. */
  readonly pacing?: BodyPacing | undefined;
  /** From the start to the end of the answer. */
  readonly timeoutMs: number;
  /** How many bytes of the answer's body are kept. */
  readonly maxBodyBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Takes any certificate: for an app of one's own on https. */
  readonly isInsecure?: boolean;
}

export interface Response {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The body was longer than `maxBodyBytes`. */
  readonly isTruncated: boolean;
}

// A pooled socket is let go well before servers drop theirs (Node: 5 s): a request must not meet a closing socket.
const idleSocketMs = 1_000;
const pooling = { keepAlive: true, timeout: idleSocketMs };

interface Transport {
  readonly send: (options: HttpsRequestOptions) => ClientRequest;
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
  // Most apps under development are on http; TLS is loaded with the first that is not.
  const transport = url.protocol === "https:" ? await (https ??= loadHttps()) : http;
  return await new Promise((resolve, reject) => exchange(url, options, transport, resolve, reject));
}

async function loadHttps(): Promise<Transport> {
  const { Agent, request: send } = await import("node:https");
  return { send, agent: new Agent(pooling) };
}

// Events and one timer, where streams as iterators, `AbortSignal.timeout` and `.any` would read better: those took
// half the processor time of a request to an app on this machine.
function exchange(
  url: URL,
  options: RequestOptions,
  { send, agent }: Transport,
  resolve: (response: Response) => void,
  reject: (error: RequestError) => void,
): void {
  const { signal, timeoutMs, maxBodyBytes } = options;
  if (signal?.aborted) {
    reject(cancelled());
    return;
  }
  let reason: RequestError | undefined;
  let incoming: IncomingMessage | undefined;
  let outgoing: ClientRequest;
  try {
    const { hostname, port, path } = addressOf(url);
    outgoing = send({
      hostname,
      port,
      path,
      method: options.method,
      headers: headersOf(url, options),
      agent,
      ...addressOptions(url.hostname),
      rejectUnauthorized: options.isInsecure !== true,
    });
  } catch (error) {
    reject(describeFailure(error, url));
    return;
  }
  const cut = (why: RequestError): void => {
    reason ??= why;
    outgoing.destroy();
  };
  const onAbort = (): void => cut(cancelled());
  const giveUp = (): void => {
    if (!isSettled) cut(timeoutError(timeoutMs, incoming !== undefined));
  };
  // Where this process was stopped, or held up, the answer may have come in time: what is there is read first.
  const deadline = setTimeout(() => void setImmediate(giveUp), timeoutMs);
  const others = signal === undefined ? undefined : abortListenersOf(signal);
  others?.add(onAbort);
  let isSettled = false;
  const settle = (): boolean => {
    if (isSettled) return false;
    isSettled = true;
    clearTimeout(deadline);
    others?.delete(onAbort);
    return true;
  };
  const fail = (error: unknown): void => {
    if (settle()) reject(reason ?? describeFailure(error, url));
  };
  outgoing.on("error", fail);
  // The last event of all, whatever ended the request or its answer: nothing is left hanging.
  outgoing.on("close", () => {
    if (!isSettled) fail(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
  });
  outgoing.on("response", (response: IncomingMessage) => {
    incoming = response;
    readBody(response, maxBodyBytes, (body, isTruncated) => {
      if (settle()) resolve(responseOf(response, body, isTruncated));
    });
  });
  if (options.pacing === undefined) outgoing.end(options.body);
  else void writeBody(outgoing, options.body ?? Buffer.alloc(0), options.pacing, cut);
}

function cancelled(): RequestError {
  return new RequestError("ERR_ABORTED", "it was cancelled");
}

function readBody(
  incoming: IncomingMessage,
  maxBodyBytes: number,
  done: (body: Buffer, isTruncated: boolean) => void,
): void {
  const chunks: Buffer[] = [];
  let kept = 0;
  let seen = 0;
  const end = (): void => done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), seen > kept);
  incoming.on("data", (chunk: Buffer) => {
    seen += chunk.length;
    if (kept < maxBodyBytes) {
      const part = chunk.subarray(0, maxBodyBytes - kept);
      chunks.push(part);
      kept += part.length;
    }
    if (seen <= drainBytes + maxBodyBytes) return;
    end();
    incoming.destroy();
  });
  incoming.on("end", end);
}

function responseOf(incoming: IncomingMessage, body: Buffer, isTruncated: boolean): Response {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  return {
    status: incoming.statusCode ?? 0,
    statusMessage: incoming.statusMessage ?? "",
    headers,
    rawHeaders: incoming.rawHeaders,
    body,
    isTruncated,
  };
}

interface Address {
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
}

let latestAddress: { readonly url: URL; readonly address: Address } | undefined;

/** The parts of a URL; the latest are kept, for what is relayed goes to one endpoint. */
function addressOf(url: URL): Address {
  if (latestAddress?.url !== url) latestAddress = { url, address: readAddress(url) };
  return latestAddress.address;
}

function readAddress({ hostname, port, pathname, search }: URL): Address {
  return {
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port,
    path: pathname + search,
  };
}

function headersOf(url: URL, { headers, body }: RequestOptions): OutgoingHttpHeaders | string[] {
  const length = String(body?.byteLength ?? 0);
  return isFlat(headers)
    ? ["host", url.host, ...headers, "content-length", length]
    : { host: url.host, ...headers, "content-length": length };
}

function isFlat(headers: RequestOptions["headers"]): headers is readonly string[] {
  return Array.isArray(headers);
}
