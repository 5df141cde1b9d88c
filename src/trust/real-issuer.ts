/** Which issuer is the real one: Kinde's, and not this tool's own that the app's variables rightly name. */
import { InvalidOptionError } from "../kinde/errors.ts";
import { isLoopbackHost } from "../net/loopback.ts";
import { parseIssuer } from "./issuer-url.ts";

/** A place where an issuer may be named, nearest first. */
export interface IssuerCandidate {
  readonly text: string;
  /** How to name the place: `--issuer`, `KINDE_ISSUER_URL (.env)`. */
  readonly origin: string;
  /** Written for the app, so that what makes no sense here is passed over. */
  readonly isForApp: boolean;
}

export interface RealIssuer {
  /** `null` when none is named anywhere. */
  readonly issuer: string | null;
  readonly origin: string | undefined;
  /** The places that name this tool's own issuer. */
  readonly ourselves: readonly string[];
}

/**
 * The first candidate that is not the local issuer itself.
 * @param localPort the local issuer's port
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` for a candidate of our own settings that is no issuer
 */
export function findRealIssuer(candidates: readonly IssuerCandidate[], localPort: number): RealIssuer {
  const ourselves: string[] = [];
  for (const { text, origin, isForApp } of candidates) {
    const issuer = parseCandidate(text, origin, isForApp);
    if (issuer === undefined) continue;
    if (!isLocalIssuer(issuer, localPort)) return { issuer, origin, ourselves };
    ourselves.push(origin);
  }
  return { issuer: null, origin: undefined, ourselves };
}

function parseCandidate(text: string, origin: string, isForApp: boolean): string | undefined {
  try {
    return parseIssuer(text, origin);
  } catch (error) {
    // Such as http://host.docker.internal:4455, by which an app in a container reaches us.
    if (isForApp && error instanceof InvalidOptionError) return undefined;
    throw error;
  }
}

function isLocalIssuer(issuer: string, localPort: number): boolean {
  const { hostname, port, protocol } = new URL(issuer);
  const portNumber = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return isLoopbackHost(hostname) && portNumber === localPort;
}
