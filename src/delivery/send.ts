/** One HTTP request of a delivery, and what came of it as an attempt. An app that refuses is no exception. */
import { performance } from "node:perf_hooks";
import { RequestError } from "../net/request-error.ts";
import { request, type RequestOptions, type Response } from "../net/request.ts";
import { decodeText } from "../net/text.ts";
import type { Attempt } from "./delivery.ts";
import { readableBody } from "./readable-body.ts";

/** What goes out, byte for byte, and how. */
export type OutgoingRequest = Pick<RequestOptions, "method" | "headers" | "pacing"> & {
  readonly body: Uint8Array;
};

export interface SendOptions {
  readonly number: number;
  readonly plannedDelayMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Milliseconds since some moment. Default: the system's. */
  readonly elapsed?: (() => number) | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Takes any certificate. */
  readonly isInsecure?: boolean;
  /** The whole answer is wanted, up to so many bytes; a longer one is an error. Default: its beginning, for the record. */
  readonly maxAnswerBytes?: number;
}

/** An attempt, and the answer as it came if there was one. */
export interface Sent {
  readonly attempt: Attempt;
  readonly response: Response | undefined;
  /** Nothing went out. */
  readonly isUnsent?: true;
}

const keptBodyBytes = 64 * 1024;
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

const systemElapsed = (): number => performance.now();

/** Sends a request once. Redirects are not followed: Kinde counts only 200. */
export async function send(url: URL, outgoing: OutgoingRequest, options: SendOptions): Promise<Sent> {
  const { elapsed = systemElapsed } = options;
  const started = elapsed();
  const exchanging = exchange(url, outgoing, options);
  // While the app is at work.
  const recorded = { method: outgoing.method, url: url.href, headers: recordHeaders(outgoing.headers) };
  const startedAt = new Date(options.now).toISOString();
  const { response, error } = await exchanging;
  const durationMs = Math.round((elapsed() - started) * 1000) / 1000;
  const encoding = response?.headers["content-encoding"];
  const attempt: Attempt = {
    number: options.number,
    startedAt,
    durationMs,
    plannedDelayMs: options.plannedDelayMs,
    status: response?.status ?? null,
    error,
    request: recorded,
    response:
      response === undefined
        ? null
        : recordResponse(
            response,
            encoding === undefined ? response.body : await readableBody(response.body, encoding),
          ),
  };
  return { attempt, response };
}

/** The attempt of a request that is not sent, with why it is not. */
export function leaveUnsent(
  url: URL,
  { method, headers }: OutgoingRequest,
  { number, plannedDelayMs, now }: SendOptions,
  error: NonNullable<Attempt["error"]>,
): Sent {
  const attempt: Attempt = {
    number,
    startedAt: new Date(now).toISOString(),
    durationMs: 0,
    plannedDelayMs,
    status: null,
    error,
    request: { method, url: url.href, headers: recordHeaders(headers) },
    response: null,
  };
  return { attempt, response: undefined, isUnsent: true };
}

async function exchange(
  url: URL,
  outgoing: OutgoingRequest,
  { timeoutMs, signal, isInsecure = false, maxAnswerBytes }: SendOptions,
): Promise<{ response: Response | undefined; error: Attempt["error"] }> {
  try {
    const response = await request(url, {
      method: outgoing.method,
      headers: outgoing.headers,
      body: outgoing.body,
      pacing: outgoing.pacing,
      timeoutMs,
      isInsecure,
      maxBodyBytes: maxAnswerBytes ?? keptBodyBytes,
      signal,
    });
    if (maxAnswerBytes === undefined) return { response, error: null };
    const error = faultOf(response, maxAnswerBytes);
    return error === null ? { response, error } : { response: undefined, error };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { response: undefined, error: { code: error.code, message: error.message } };
  }
}

/** Why an answer can't be passed on whole. */
function faultOf({ status, isTruncated }: Response, maxAnswerBytes: number): Attempt["error"] {
  if (isTruncated) {
    const message = `the answer is longer than ${maxAnswerBytes >> 20} MiB`;
    return { code: "ERR_ANSWER_TOO_LARGE", message };
  }
  // RFC 9110, section 15.2: what is below is no answer yet, and what Node reads may be below even that.
  if (status >= 200) return null;
  return { code: "ERR_ANSWER_INVALID", message: `the app's status, ${status}, is no final one of HTTP` };
}

function recordResponse({ headers, isTruncated }: Response, body: Buffer): NonNullable<Attempt["response"]> {
  return {
    headers: recordHeaders(headers),
    body: decodeText(body.subarray(0, keptBodyBytes)),
    truncated: isTruncated || body.length > keptBodyBytes,
  };
}

/** Headers for the record: secrets left out, a name that came several times joined. */
function recordHeaders(headers: OutgoingRequest["headers"]): Record<string, string> {
  const recorded: Record<string, string> = {};
  if (isFlat(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      recordHeader(recorded, headers[index]!.toLowerCase(), headers[index + 1]!);
    }
  } else {
    for (const [name, value] of Object.entries(headers)) recordHeader(recorded, name.toLowerCase(), value);
  }
  return recorded;
}

function recordHeader(recorded: Record<string, string>, name: string, value: string): void {
  // A header may be named like something that every object has.
  const known = Object.hasOwn(recorded, name) ? recorded[name] : undefined;
  if (secretHeaders.has(name)) recorded[name] = "[redacted]";
  else recorded[name] = known === undefined ? value : `${known}, ${value}`;
}

function isFlat(headers: OutgoingRequest["headers"]): headers is readonly string[] {
  return Array.isArray(headers);
}
