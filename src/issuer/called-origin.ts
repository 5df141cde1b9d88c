import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";

/** The issuer as the client called it, `https://localhost:4455`: what it compares with its own setting. */
export function calledOrigin({ headers, socket }: IncomingMessage): string {
  const isSecure = (socket as Partial<TLSSocket>).encrypted === true;
  return `${isSecure ? "https" : "http"}://${headers.host}`;
}
