/** The page under `/_devhook/`: its files, and nothing else. They hold no secret, so that no token is needed. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { PageFile } from "./page-files.ts";

const root = "/_devhook/";

export function createStaticPage(files: ReadonlyMap<string, PageFile>): RequestListener {
  return (request, response) => {
    const path = (request.url ?? root).split("?", 1)[0]!.replace(/^\/{2,}/, "/");
    const file = files.get(path === root ? "index.html" : path.slice(root.length));
    for (const [name, value] of Object.entries(headersFor(request))) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      say(response, 405, "The inspector's page is asked for with GET alone.");
    } else if (`${path}/` === root) {
      response.writeHead(308, { location: root, "content-length": 0 }).end();
    } else if (path === `${root}live`) {
      response.setHeader("upgrade", "websocket");
      say(response, 426, "The live feed is a WebSocket.");
    } else if (file === undefined) {
      say(
        response,
        404,
        `There is nothing here. The inspector is at ${root}, the control API under ${root}api, and what that can do in ${root}openapi.json.`,
      );
    } else answer(request, response, file);
  };
}

function answer(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const isGzip = acceptsGzip(request.headers["accept-encoding"]);
  // Another encoding is another representation: RFC 9110, section 8.8.3.3.
  const etag = isGzip ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  // Asked for anew each time, for another version may be behind the same URL tomorrow; it is cheap to say that it is the same.
  response.setHeader("cache-control", "no-cache");
  response.setHeader("etag", etag);
  response.setHeader("vary", "accept-encoding");
  if (isKnown(request.headers["if-none-match"], etag)) {
    response.writeHead(304).end();
    return;
  }
  const bytes = isGzip ? file.gzipped : file.bytes;
  response.writeHead(200, {
    "content-type": file.type,
    "content-length": bytes.length,
    ...(isGzip && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** @param request whose Host was found to be one of this machine */
function headersFor({ headers, socket }: IncomingMessage): Readonly<Record<string, string>> {
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? "wss" : "ws";
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      // 'self' is not the WebSocket of the same host in every browser.
      `connect-src 'self' ${scheme}://${headers.host}`,
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${sentence}\n`);
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(header ?? ""));
}

/** RFC 9110, section 13.1.2: a weak one is as good here. */
function isKnown(header: string | undefined, etag: string): boolean {
  return (header ?? "").split(",").some((known) => ["*", etag, `W/${etag}`].includes(known.trim()));
}
