/** Whether a tunnel can be had: the localtunnel server is asked for its state, which takes no name there. */
import type { Project } from "../../project/directory.ts";
import { isJsonObject } from "../../kinde/json.ts";
import { RequestError } from "../../net/request-error.ts";
import type { Response } from "../../net/request.ts";
import { findRunningTunnel } from "../running-tunnel.ts";
import { adviseOnFailure, type Ask } from "./ask.ts";
import { fail, pass, skip, warn, type Finding } from "./finding.ts";

export interface TunnelServerOptions {
  readonly project: Project;
  /** The localtunnel server. */
  readonly host: URL;
  /** Another way to a public URL that is set, in words; then the server is not needed. */
  readonly otherWay: string | undefined;
  /** The variable that names a proxy, if one does. */
  readonly proxy: string | undefined;
}

// Never a path of one part, which would register it as a name.
const statusPath = "/api/status";
const maxRedirects = 3;
const hostExample = "--host https://your-server.example";
const otherHost = `Try again later, or use another server: ${hostExample}.`;

export async function checkTunnel(options: TunnelServerOptions, ask: Ask): Promise<Finding> {
  const { project, host, otherWay, proxy } = options;
  const running = await findRunningTunnel(project);
  const open =
    running === undefined
      ? ""
      : `, and this project's tunnel runs (pid ${running.pid}, ${running.publicUrl ?? "not open yet"})`;
  if (otherWay !== undefined) {
    const message = `${otherWay}${open}`;
    return running === undefined
      ? skip(message, "Whether it leads here, `tunnel` tries when it starts.")
      : pass(message);
  }
  let response: Response;
  try {
    response = await askForStatus(host, ask);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const advice = adviseOnFailure(error, host, proxy, hostExample);
    return fail("ERR_TUNNEL_UNREACHABLE", `${host.origin} can't be reached: ${error.message}${open}`, advice);
  }
  return judge(response, host.origin, open);
}

/** Where servers are asked for their state. */
export function statusUrlOf(host: URL): URL {
  return new URL(statusPath, host);
}

/** @throws {RequestError} */
async function askForStatus(host: URL, ask: Ask): Promise<Response> {
  let url = statusUrlOf(host);
  for (let redirects = 0; ; redirects++) {
    const { response } = await ask(url);
    const next = redirects === maxRedirects ? undefined : movedTo(response, url);
    if (next === undefined) return response;
    url = next;
  }
}

/** Where a server has moved to: it keeps the path, which whoever answers in its place does not. */
function movedTo({ status, headers }: Response, from: URL): URL | undefined {
  const location = [301, 302, 307, 308].includes(status) ? headers["location"] : undefined;
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const next = new URL(location, from);
  const isDowngrade = from.protocol === "https:" && next.protocol === "http:";
  return /^https?:$/.test(next.protocol) && !isDowngrade && next.pathname === statusPath ? next : undefined;
}

function judge({ status, headers, body }: Response, origin: string, open: string): Finding {
  if (status === 429) {
    return warn("WARN_TUNNEL_BUSY", `${origin} says that it is asked too often (429)${open}`, otherHost);
  }
  if (status >= 500) {
    return fail(
      "ERR_TUNNEL_UNAVAILABLE",
      `${origin} has a fault of its own (it answers ${status})${open}`,
      otherHost,
    );
  }
  const tunnels = status === 200 ? countTunnels(body) : undefined;
  if (tunnels !== undefined) return pass(`${origin} answers${open}`);
  if (status === 404) return pass(`${origin} answers, though it does not tell its state${open}`);
  const type = headers["content-type"]?.split(";", 1)[0] ?? "no type";
  return warn(
    "WARN_TUNNEL_UNSURE",
    `${origin} does not answer like a localtunnel server (status ${status}, ${type})${open}`,
    "Check --host; a captive portal or a proxy may also answer in its place.",
  );
}

function countTunnels(body: Buffer): number | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString());
    return isJsonObject(answer) && typeof answer["tunnels"] === "number" ? answer["tunnels"] : undefined;
  } catch {
    return undefined;
  }
}
