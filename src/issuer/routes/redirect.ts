import type { RequestHandler } from "express";

/**
 * Sends what is not ours on to the real issuer, with 307 so that method and body stay. Never anywhere else: a path
 * such as `//evil.example` must not name another host.
 */
export function redirectTo(realIssuer: string): RequestHandler {
  const base = `${realIssuer}/`;
  const { origin } = new URL(base);
  return (request, response, next) => {
    // The control API's paths are ours even where there is nothing.
    if (/^\/_devhook(?![^/?])/i.test(request.url)) {
      next();
      return;
    }
    const path = request.url.replace(/^[/\\]+/, "");
    const url = URL.canParse(`${base}${path}`) ? new URL(`${base}${path}`) : undefined;
    if (url?.origin !== origin) next();
    else response.writeHead(307, { location: url.href, "content-length": 0 }).end();
  };
}
