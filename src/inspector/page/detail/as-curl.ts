import type { Delivery } from "../../../delivery/delivery.ts";
import { webhookContentType } from "./webhook-content-type.ts";

/** Linux takes 128 KiB as one argument of a program; a builtin of the shell has no such limit. */
const maxArgument = 100_000;

/** Whether a body can stand in a line for a shell: there is one, and no NUL in it, which would end an argument. */
export function fitsShell({ token }: Pick<Delivery, "token">): boolean {
  return token !== "" && !token.includes("\0");
}

/** The webhook request as a line for a POSIX shell. */
export function asCurl({
  token,
  endpoint,
  webhookId,
}: Pick<Delivery, "token" | "endpoint" | "webhookId">): string {
  const headers = [
    `content-type: ${webhookContentType}`,
    ...(webhookId === null ? [] : [`webhook-id: ${webhookId}`]),
  ];
  // Without --globoff curl would read brackets and braces of the URL as patterns.
  const call = [
    "curl -i --globoff -X POST",
    quote(endpoint),
    ...headers.map((header) => `-H ${quote(header)}`),
  ].join(" ");
  return token.length <= maxArgument
    ? `${call} --data-raw ${quote(token)}`
    : `printf %s ${quote(token)} | ${call} --data-binary @-`;
}

/** Quoted for a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
