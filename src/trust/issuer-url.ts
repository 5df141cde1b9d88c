import { InvalidOptionError } from "../kinde/errors.ts";
import { isLoopbackHost } from "../net/loopback.ts";

const expected = "an issuer, as in https://acme.kinde.com";

/**
 * The URL of an issuer as tokens and JWKS paths need it: a bare host becomes https, a slash at the end is dropped.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` unless it is https, or http on this machine, with nothing behind its path
 */
export function parseIssuer(text: string, option: string): string {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  // `https:///x` would be the host x.
  const isName = text !== "" && !/^[/\\]/.test(text);
  const url = isName && URL.canParse(full) ? new URL(full) : undefined;
  const isAllowed = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
  if (url === undefined || !isAllowed) throw new InvalidOptionError(option, expected, JSON.stringify(text));
  if (url.username || url.password || url.search || url.hash) {
    throw new InvalidOptionError(option, expected, "a URL with a user, password, query or fragment");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}
