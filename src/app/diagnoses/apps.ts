/** Whether the apps that are forwarded to listen. Nothing is sent: a check must not deliver. */
import type { Forward } from "../../delivery/forward.ts";
import { acceptsConnections } from "../../net/connect.ts";
import { isLoopbackHost } from "../../net/loopback.ts";
import { fail, pass, warn, type Finding } from "./finding.ts";

const connectTimeoutMs = 2_000;

/** One finding for each host and port. */
export async function checkApps(
  forwards: readonly Forward[],
  issuerPort: number,
): Promise<readonly Finding[]> {
  const origins = [...new Set(forwards.map(({ url }) => url.origin))];
  return await Promise.all(origins.map((origin) => checkApp(new URL(origin), issuerPort)));
}

async function checkApp(url: URL, issuerPort: number): Promise<Finding> {
  if (isLoopbackHost(url.hostname) && url.port === String(issuerPort)) {
    return fail(
      "ERR_INVALID_OPTION",
      `${url.origin} is this tool's own local issuer, and no app`,
      "Give the port of your app, as in --forward 3000.",
    );
  }
  const addresses = url.hostname === "localhost" ? ["127.0.0.1", "[::1]"] : [url.hostname];
  const accepting = await Promise.all(
    addresses.map((address) => {
      const there = new URL(url);
      there.hostname = address;
      return acceptsConnections(there, connectTimeoutMs);
    }),
  );
  const listening = addresses.filter((_, index) => accepting[index]);
  if (listening.length === 0) {
    return warn(
      "WARN_APP_ABSENT",
      `nothing listens at ${url.origin}`,
      "Start your app, or say where it is: --forward 3000. Until it listens, webhooks are answered 502.",
    );
  }
  const only = listening.length < addresses.length ? `, on ${listening.join()} alone` : "";
  return pass(`${url.origin} listens${only}`);
}
