/** Where events go, as people write it: the one parser of `--to`, `--forward` and the `forward` setting. */
import { InvalidOptionError } from "../kinde/errors.ts";
import type { EventType } from "../kinde/event-data.ts";
import { eventTypes, matchesEventType, matchEventTypes } from "../kinde/event-types.ts";

export interface Forward {
  /** As written: `user.*=3000/hooks`. */
  readonly text: string;
  /** The event types that its pattern names, as written; none when it wants all. */
  readonly pattern: string | undefined;
  /** The event types it wants; all without a pattern. */
  readonly eventTypes: readonly EventType[];
  readonly url: URL;
  /** Whether a path was written; a port or host alone has none, and any URL has one. */
  readonly hasPath: boolean;
  /** Whether what is relayed keeps the path that came: none was written, not even in a URL. */
  readonly keepsPath: boolean;
}

/** The path that Kinde's docs use for a webhook's route. */
export const defaultPath = "/api/webhook";

/** `pattern=address`. */
const routedText = /^([a-z_.*,]+)=(.*)$/s;

const defaultOrigin = "http://localhost:3000";
const examples =
  "a port, a path, host:port/path or a URL, as in 3000, /api/webhook, http://localhost:3000/api/webhook";

/**
 * Reads `3000`, `3000/api/webhook`, `/api/webhook`, `host:3000/x` or a URL, with `pattern=` before it to route by event type.
 * @param option how to name the option in the error
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE` when the pattern names no event type
 */
export function parseForward(text: string, option: string): Forward {
  const [, pattern, address] = routedText.exec(text) ?? [undefined, undefined, text];
  const { url, hasPath, keepsPath } = parseAddress(address ?? "", option);
  return {
    text,
    pattern,
    eventTypes: pattern === undefined ? eventTypes : matchEventTypes(pattern),
    url,
    hasPath,
    keepsPath,
  };
}

/**
 * Reads `URL[=types]` of `--webhook`: split at the last equals sign, unless a query has begun.
 * @throws as `parseForward`
 */
export function parseWebhook(text: string, option: string): Forward {
  const [, pattern, routed] = routedText.exec(text) ?? [];
  if (pattern !== undefined) {
    throw new InvalidOptionError(
      option,
      "URL[=types]",
      JSON.stringify(text),
      `Here the types stand behind: ${routed}=${pattern}`,
    );
  }
  const equals = text.includes("?") ? -1 : text.lastIndexOf("=");
  const address = equals === -1 ? text : text.slice(0, equals);
  const { url, hasPath, keepsPath } = parseAddress(address, option);
  const types = equals === -1 ? undefined : text.slice(equals + 1);
  return {
    text,
    pattern: types,
    eventTypes: types === undefined ? eventTypes : matchEventTypes(types),
    url,
    hasPath,
    keepsPath,
  };
}

/**
 * Whether an event goes there. A plain forward wants all, also what is no known event type.
 * @param type `undefined` for what is no event
 */
export function wants({ pattern }: Forward, type: string | undefined): boolean {
  return pattern === undefined || (type !== undefined && matchesEventType(pattern, type));
}

/** The URL to deliver to when there is no incoming path to keep. */
export function endpointOf({ url, hasPath }: Forward): URL {
  return hasPath ? url : new URL(defaultPath, url);
}

/** The URL where an event of ours goes when it goes where the tunnel forwards to. */
export function forwardedEndpointOf({ url, keepsPath }: Forward): URL {
  return keepsPath ? new URL(defaultPath, url) : url;
}

/** The path to register at Kinde: the handler's own where it is known. */
export function proposedPath(forwards: readonly Forward[]): string {
  const withPath = forwards.find(({ keepsPath }) => !keepsPath);
  return withPath === undefined || forwards.some(({ keepsPath }) => keepsPath)
    ? defaultPath
    : withPath.url.pathname;
}

/**
 * Refuses the same endpoint for the same event types twice.
 * @param isPathKept whether a forward without a path keeps the one that came, and so differs from any with one
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
 */
export function assertDistinct(
  forwards: readonly Forward[],
  option: string,
  { isPathKept = false }: { readonly isPathKept?: boolean } = {},
): void {
  const seen = new Set<string>();
  for (const forward of forwards) {
    const { text, eventTypes: wanted, url, keepsPath } = forward;
    const endpoint = isPathKept && keepsPath ? url.origin : endpointOf(forward).href;
    const key = `${wanted.join()} ${endpoint}`;
    if (seen.has(key)) {
      throw new InvalidOptionError(option, "each endpoint once", `${JSON.stringify(text)} twice`);
    }
    seen.add(key);
  }
}

function parseAddress(text: string, option: string): Pick<Forward, "url" | "hasPath" | "keepsPath"> {
  const isUrl = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const full = isUrl ? text : expand(text);
  if (full === undefined || !URL.canParse(full)) throw invalid(option, text);
  const url = new URL(full);
  if (!/^https?:$/.test(url.protocol) || url.port === "0") throw invalid(option, text);
  if (url.username !== "" || url.password !== "") {
    throw new InvalidOptionError(option, "a URL without user and password", "one with them");
  }
  url.hash = "";
  const keepsPath = !/[/?]/.test(text.replace(/^[a-z][a-z\d+.-]*:\/\//i, ""));
  return { url, hasPath: isUrl || text.includes("/"), keepsPath };
}

function expand(text: string): string | undefined {
  if (text.startsWith("/")) return defaultOrigin + text;
  if (/^\d+(\/|$)/.test(text)) return `http://localhost:${text}`;
  if (/^([\w.-]+|\[[\da-f:.]+\]):\d+(\/|$)/i.test(text)) return `http://${text}`;
  return undefined;
}

function invalid(option: string, text: string): InvalidOptionError {
  return new InvalidOptionError(option, examples, text === "" ? "nothing" : JSON.stringify(text));
}
