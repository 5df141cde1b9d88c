/** A webhook request written out instead of sent: `emit --print`. */
import type { FaultName } from "../../kinde/faults.ts";
import { createFaultyRequest } from "../../kinde/faulty-request.ts";
import { stringifySorted, type JsonObject } from "../../kinde/json.ts";
import { createWebhookRequest } from "../../kinde/webhook.ts";
import { escapeInJson } from "./text.ts";

export const printFormats = ["token", "claims", "curl", "http"] as const;
export type PrintFormat = (typeof printFormats)[number];

export interface PrintedRequest {
  readonly token: string;
  readonly webhookId: string;
  readonly endpoint: URL;
  readonly fault?: FaultName | undefined;
}

/** Claims for people: sorted as on the wire, indented, and nothing in them that could steer a terminal. */
export function formatClaims(claims: JsonObject): string {
  return stringifySorted(claims, 2).split("\n").map(escapeInJson).join("\n");
}

/** A request as a line for a POSIX shell, or as the bytes of HTTP/1.1. */
export function formatRequest(
  format: "curl" | "http",
  { token, webhookId, endpoint, fault }: PrintedRequest,
): string {
  const { method, headers, body } =
    fault === undefined
      ? createWebhookRequest(token, webhookId)
      : createFaultyRequest(fault, token, webhookId);
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
