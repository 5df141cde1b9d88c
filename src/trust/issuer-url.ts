import { InvalidOptionError } from "../kinde/errors.ts";
import { isLoopbackHost } from "../net/loopback.ts";

/**
 * The URL of an issuer as tokens and JWKS paths need it: a bare host becomes https, a slash at the end is dropped.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` unless it is https, or http on this machine
 */
export function parseIssuer(text: string, option: string): string {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = text !== "" && URL.canParse(full) ? new URL(full) : undefined;
  const isHttp = url?.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url === undefined || !(url.protocol === "https:" || isHttp)) {
    throw new InvalidOptionError(option, "an issuer, as in https://acme.kinde.com", JSON.stringify(text));
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}
