/** A webhook request written out instead of sent: `emit --print`. */
import { stringifySorted, type JsonObject } from "../../kinde/json.ts";
import { createWebhookRequest } from "../../kinde/webhook.ts";

export type PrintFormat = "token" | "claims" | "curl" | "http";

export interface PrintedRequest {
  readonly token: string;
  /** The claims of the token. */
  readonly claims: JsonObject;
  readonly webhookId: string;
  readonly endpoint: URL;
}

/** The text of a request: its token, its claims, a line for a POSIX shell, or the bytes of HTTP/1.1. */
export function formatRequest(
  format: PrintFormat,
  { token, claims, webhookId, endpoint }: PrintedRequest,
): string {
  if (format === "token") return token;
  if (format === "claims") return stringifySorted(claims, 2);
  const { method, headers, body } = createWebhookRequest(token, webhookId);
  if (format === "curl") {
    const options = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
    return [
      "curl -i -X",
      method,
      quote(endpoint.href),
      ...options,
      "--data-raw",
      quote(body.toString()),
    ].join(" ");
  }
  const lines = [
    `${method} ${endpoint.pathname}${endpoint.search} HTTP/1.1`,
    `host: ${endpoint.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    "connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body.toString()}`;
}

/** Quoted for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
