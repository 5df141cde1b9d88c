/** The headers of a relayed request and of its answer: what belongs to one connection stays there, all else passes as it came. */
import type { IncomingMessage } from "node:http";

/** Names and values in turn. */
export type FlatHeaders = readonly string[];

// RFC 9110, section 7.6.1; and what the next connection's own message has of its own.
const ofOneConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "expect",
]);

export interface ForwardedHeadersOptions {
  /** The scheme by which the sender reached the public URL: `https`. */
  readonly proto: string;
  /** Headers of the user's own, which take the place of those that came. */
  readonly added: readonly (readonly [name: string, value: string])[];
}

/** The headers for the app: as they came, with `x-forwarded-*`; its own `host` is added by whoever sends. */
export function forwardedHeaders(
  { rawHeaders, headers, socket }: IncomingMessage,
  { proto, added }: ForwardedHeadersOptions,
): FlatHeaders {
  const named = connectionOptions(headers.connection);
  const passed: string[] = [];
  let forwardedFor: string | undefined;
  let hasHost = false;
  let hasProto = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index]!;
    const name = rawName.toLowerCase();
    const value = rawHeaders[index + 1]!;
    if (name === "host" || ofOneConnection.has(name) || named?.has(name)) continue;
    if (added.some(([other]) => other.toLowerCase() === name)) continue;
    if (name === "x-forwarded-for") {
      forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`;
      continue;
    }
    hasHost ||= name === "x-forwarded-host";
    hasProto ||= name === "x-forwarded-proto";
    passed.push(rawName, value);
  }
  const peer = socket.remoteAddress ?? "127.0.0.1";
  passed.push("x-forwarded-for", forwardedFor === undefined ? peer : `${forwardedFor}, ${peer}`);
  if (!hasHost && headers.host !== undefined) passed.push("x-forwarded-host", headers.host);
  if (!hasProto) passed.push("x-forwarded-proto", proto);
  for (const [name, value] of added) passed.push(name, value);
  return passed;
}

/** Headers with others in the place of those of the same names. */
export function addHeaders(headers: FlatHeaders, added: ForwardedHeadersOptions["added"]): FlatHeaders {
  if (added.length === 0) return headers;
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  const kept = headers.filter((_, index) => !names.has(headers[index - (index % 2)]!.toLowerCase()));
  return [...kept, ...added.flat()];
}

/** The headers of the app's answer, for the sender. */
export function answeredHeaders(rawHeaders: FlatHeaders, status: number, bodyBytes: number): string[] {
  const passed: string[] = [];
  let connection: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.toLowerCase() !== "connection") continue;
    connection = connection === undefined ? rawHeaders[index + 1] : `${connection}, ${rawHeaders[index + 1]}`;
  }
  const named = connectionOptions(connection);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (ofOneConnection.has(name) || named?.has(name)) continue;
    passed.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  // RFC 9110, section 8.6: these have no body, and no length of one.
  if (status !== 204 && status !== 304) passed.push("content-length", String(bodyBytes));
  return passed;
}

/** Header names that the Connection header takes for its own connection, beside the usual. */
function connectionOptions(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || /^(keep-alive|close)$/i.test(value)) return undefined;
  return new Set(value.split(",").map((name) => name.trim().toLowerCase()));
}
