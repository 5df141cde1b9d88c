import type { IncomingMessage } from "node:http";

/**
 * What is asked for, as it is mostly written: from the path on. A client may write it as for a proxy, with an origin in
 * front (RFC 9112, section 3.2.2); what judges by the path, and what routes by it, must not read the two differently.
 */
export function toOriginForm(url: string): string {
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  return target.startsWith("/") ? target : `/${target}`;
}

/** The path that is asked for. People put a slash after the issuer's URL; their clients then ask for `//.well-known/…`. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!.replace(/^\/{2,}/, "/");
}
