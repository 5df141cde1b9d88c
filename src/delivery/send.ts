/** One HTTP request of a delivery, and what came of it as an attempt. An app that refuses is no exception. */
import { performance } from "node:perf_hooks";
import { request, RequestError, type RequestOptions, type Response } from "../net/request.ts";
import { decodeText } from "../net/text.ts";
import type { Attempt } from "./delivery.ts";
import { readableBody } from "./readable-body.ts";

/** What goes out, byte for byte. */
export type OutgoingRequest = Pick<RequestOptions, "method" | "headers"> & { readonly body: Uint8Array };

export interface SendOptions {
  readonly number: number;
  readonly plannedDelayMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
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
}

const keptBodyBytes = 64 * 1024;
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

/** Sends a request once. Redirects are not followed: Kinde counts only 200. */
export async function send(url: URL, outgoing: OutgoingRequest, options: SendOptions): Promise<Sent> {
  const started = performance.now();
  const { response, error } = await exchange(url, outgoing, options);
  const durationMs = Math.round((performance.now() - started) * 1000) / 1000;
  const attempt: Attempt = {
    number: options.number,
    startedAt: new Date(options.now).toISOString(),
    durationMs,
    plannedDelayMs: options.plannedDelayMs,
    status: response?.status ?? null,
    error,
    request: {
      method: outgoing.method,
      url: url.href,
      headers: redactHeaders(entriesOf(outgoing.headers)),
    },
    response: response === undefined ? null : await recordResponse(response),
  };
  return { attempt, response };
}

async function exchange(
  url: URL,
  outgoing: OutgoingRequest,
  { timeoutMs, signal, isInsecure = false, maxAnswerBytes }: SendOptions,
): Promise<{ response: Response | undefined; error: Attempt["error"] }> {
  try {
    const response = await request(url, {
      ...outgoing,
      timeoutMs,
      isInsecure,
      maxBodyBytes: maxAnswerBytes ?? keptBodyBytes,
      ...(signal !== undefined && { signal }),
    });
    if (maxAnswerBytes === undefined || !response.isTruncated) return { response, error: null };
    const message = `the answer is longer than ${maxAnswerBytes >> 20} MiB`;
    return { response: undefined, error: { code: "ERR_ANSWER_TOO_LARGE", message } };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { response: undefined, error: { code: error.code, message: error.message } };
  }
}

async function recordResponse({
  headers,
  body,
  isTruncated,
}: Response): Promise<NonNullable<Attempt["response"]>> {
  const encoding = headers["content-encoding"];
  const readable = encoding === undefined ? body : await readableBody(body, encoding);
  return {
    headers: redactHeaders(Object.entries(headers)),
    body: decodeText(readable.subarray(0, keptBodyBytes)),
    truncated: isTruncated || readable.length > keptBodyBytes,
  };
}

/** Names and values, of either form of headers. */
function entriesOf(headers: OutgoingRequest["headers"]): readonly (readonly [string, string])[] {
  if (!Array.isArray(headers)) return Object.entries(headers as Readonly<Record<string, string>>);
  const flat = headers as readonly string[];
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : []));
}

/** Headers for the record: secrets left out, a name that came several times joined. */
function redactHeaders(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [anyCase, value] of entries) {
    const name = anyCase.toLowerCase();
    const known = headers[name];
    if (secretHeaders.has(name)) headers[name] = "[redacted]";
    else headers[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}
