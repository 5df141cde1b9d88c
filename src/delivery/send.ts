/** One HTTP request of a delivery, and what came of it as an attempt. An app that refuses is no exception. */
import { performance } from "node:perf_hooks";
import type { WebhookRequest } from "../kinde/webhook.ts";
import { request, RequestError, type Response } from "../net/request.ts";
import { decodeText } from "../net/text.ts";
import type { Attempt } from "./delivery.ts";

export interface SendOptions {
  readonly number: number;
  readonly plannedDelayMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const keptBodyBytes = 64 * 1024;
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

/** Sends a webhook request once. Redirects are not followed: Kinde counts only 200. */
export async function send(url: URL, webhook: WebhookRequest, options: SendOptions): Promise<Attempt> {
  const headers = { ...webhook.headers, "user-agent": `kinde-devhook/${__VERSION__}` };
  const started = performance.now();
  const outcome = await exchange(url, { ...webhook, headers }, options);
  return {
    number: options.number,
    startedAt: new Date(options.now).toISOString(),
    durationMs: Math.round((performance.now() - started) * 1000) / 1000,
    plannedDelayMs: options.plannedDelayMs,
    status: outcome.status,
    error: outcome.error,
    request: { method: webhook.method, url: url.href, headers: redactHeaders(headers) },
    response: outcome.response,
  };
}

async function exchange(
  url: URL,
  webhook: WebhookRequest,
  { timeoutMs, signal }: SendOptions,
): Promise<Pick<Attempt, "status" | "error" | "response">> {
  try {
    const response = await request(url, {
      ...webhook,
      timeoutMs,
      maxBodyBytes: keptBodyBytes,
      ...(signal !== undefined && { signal }),
    });
    return { status: response.status, error: null, response: recordResponse(response) };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { status: null, error: { code: error.code, message: error.message }, response: null };
  }
}

function recordResponse({ headers, body, isTruncated }: Response): NonNullable<Attempt["response"]> {
  return { headers: redactHeaders(headers), body: decodeText(body), truncated: isTruncated };
}

function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeaders.has(name) ? "[redacted]" : value]),
  );
}
