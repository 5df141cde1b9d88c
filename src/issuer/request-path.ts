import type { IncomingMessage } from "node:http";

/** The path that is asked for. People put a slash after the issuer's URL; their clients then ask for `//.well-known/…`. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!.replace(/^\/{2,}/, "/");
}
