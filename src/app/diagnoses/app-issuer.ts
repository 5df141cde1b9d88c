/** Whether what the app's own variables name is an issuer by which it can verify. */
import { isLoopbackHost } from "../../net/loopback.ts";
import type { Settings } from "../../project/settings.ts";
import { pass, skip, warn, type Finding } from "./finding.ts";

/** @param realIssuer Kinde's, if it is known */
export function checkAppIssuer(
  variable: Settings["variable"],
  issuerPort: number,
  realIssuer: string | null,
): Finding {
  const local = `KINDE_ISSUER_URL=http://localhost:${issuerPort}`;
  const named = variable("KINDE_ISSUER_URL") ?? variable("KINDE_DOMAIN");
  if (named === undefined) {
    return skip(
      "KINDE_ISSUER_URL stands neither in the environment nor in .env.local or .env here",
      `What your app verifies with can't be told. It should run with ${local}.`,
    );
  }
  const { value, origin } = named;
  const shown = `${origin} is ${value}`;
  const hasScheme = /^https?:\/\//i.test(value);
  const full = hasScheme ? value : `https://${value}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const isBareDomain = !hasScheme && origin.startsWith("KINDE_DOMAIN");
  if (url === undefined || !(hasScheme || isBareDomain)) {
    return warn(
      "WARN_APP_ISSUER",
      `${shown}, which is no URL of http or https: your app can verify nothing with it`,
      `Set ${local}, and restart your app.`,
    );
  }
  const isOnPort = portOf(url) === issuerPort;
  if (isLoopbackHost(url.hostname)) {
    if (isOnPort) return pass(`${shown}: your app takes what Kinde sends and what is emitted`);
    return warn(
      "WARN_APP_ISSUER",
      `${shown}, and the local issuer is on port ${issuerPort}: your app answers 400 or 401 to all that comes`,
      `Set ${local} and restart your app, or give the commands --issuer-port ${portOf(url)}.`,
    );
  }
  // By a name such as host.docker.internal an app in a container reaches this machine.
  if (isOnPort && url.port !== "") {
    return skip(`${shown}, the local issuer's port; whether that is this machine can't be told`);
  }
  if (realIssuer !== null && new URL(realIssuer).host !== url.host) {
    return warn(
      "WARN_APP_ISSUER",
      `${shown}, and the issuer here is ${realIssuer}: your app refuses what it signs`,
      `Set ${local} and restart your app: that has the keys of ${realIssuer} and this project's own.`,
    );
  }
  return pass(
    `${shown}: your app takes what Kinde sends`,
    `What \`emit\` sends it refuses. For both, set ${local} and restart it.`,
  );
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
