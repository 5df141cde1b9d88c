// One request to a public URL such as http://name.localhost:<port>, as somebody far away would send it.
// Global fetch can't: many resolvers do not know *.localhost (RFC 6761), and it drops a Host header.
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";

const defaultTimeoutMs = 20_000;

/**
 * @param {string | URL} url
 * @param {{ method?: string, headers?: import("node:http").OutgoingHttpHeaders, body?: string | Uint8Array, timeoutMs?: number }} [options]
 */
export async function requestPublic(url, options = {}) {
  const { method = "GET", headers, body, timeoutMs = defaultTimeoutMs } = options;
  const outgoing = request(url, {
    method,
    headers,
    lookup: lookUpLoopback,
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
  });
  // With `end(body)` node:http sets the content length; a late error after the answer concerns nobody.
  outgoing.end(body);
  const [response] = await once(outgoing, "response");
  outgoing.on("error", () => {});
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

function lookUpLoopback(hostname, options, callback) {
  // In a later turn: a connection that fails at once must find its listeners there.
  const answer = (...result) => queueMicrotask(() => callback(...result));
  if (hostname !== "localhost" && !hostname.endsWith(".localhost")) {
    answer(new Error(`${hostname} is not on this machine`));
    return;
  }
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ].filter(({ family }) => !options.family || options.family === family);
  if (options.all) answer(null, addresses);
  else answer(null, addresses[0].address, addresses[0].family);
}
