/** Servers elsewhere, asked once each however many checks want to know. */
import { isLoopbackHost } from "../../net/loopback.ts";
import type { RequestError } from "../../net/request-error.ts";
import { request, type Response } from "../../net/request.ts";

export interface Answer {
  readonly response: Response;
  /** By this machine's clock, in epoch milliseconds. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * The answer to a GET; redirects are answers like any other.
 * @throws {RequestError} when there is none
 */
export type Ask = (url: URL) => Promise<Answer>;

const maxBodyBytes = 1 << 20;

/** @param limitMs for all that is asked, from now on */
export function createAsk(limitMs: number, signal: AbortSignal): Ask {
  const deadline = performance.now() + limitMs;
  const answers = new Map<string, Promise<Answer>>();
  const get = async (url: URL): Promise<Answer> => {
    const askedAt = Date.now();
    const response = await request(url, {
      method: "GET",
      headers: { accept: "application/json", "user-agent": `kinde-devhook/${__VERSION__}` },
      timeoutMs: Math.max(deadline - performance.now(), 1),
      maxBodyBytes,
      signal,
    });
    return { response, askedAt, answeredAt: Date.now() };
  };
  return (url) => {
    const answer = answers.get(url.href) ?? get(url);
    answers.set(url.href, answer);
    return answer;
  };
}

/**
 * What to do when a server can't be reached.
 * @param proxy the variable that names a proxy, if one does
 * @param other the flag that names another server
 */
export function adviseOnFailure(
  { code }: RequestError,
  url: URL,
  proxy: string | undefined,
  other: string,
): string {
  if (isLoopbackHost(url.hostname)) return `Start what should answer there, or name another: ${other}.`;
  if (code === "ERR_TLS") {
    return "Is there a proxy that opens TLS? Then have Node trust its CA: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.";
  }
  const network = `Check the name and this machine's network, or name another: ${other}.`;
  return proxy === undefined
    ? network
    : `${network} ${proxy} is set, but kinde-devhook asks no proxy: the server has to be reachable directly.`;
}
