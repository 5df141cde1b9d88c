/** Which tunnel is opened: a localtunnel server's, under which name, or one of the user's own. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../../delivery/clock.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { readState } from "../../project/state-file.ts";
import type { Project } from "../../project/directory.ts";
import { createLocaltunnel } from "../../tunnel/localtunnel.ts";
import { createOwnUrl } from "../../tunnel/own-url.ts";
import { createSubdomain, parseSubdomain } from "../../tunnel/subdomain.ts";
import type { TunnelProvider } from "../../tunnel/tunnel.ts";
import { originUrl } from "../values.ts";
import { defaultHost } from "./shared-options.ts";
import type { TunnelOptions } from "./tunnel-options.ts";

export interface ChosenTunnel {
  readonly provider: TunnelProvider;
  /** The name that is asked for; `undefined` for a tunnel of one's own. */
  readonly subdomain: string | undefined;
}

const ofLocaltunnel = ["host", "subdomain", "any-subdomain"];

/**
 * What was given, else what is remembered, else the default.
 * @param given the options that the command line itself gives
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when half of a tunnel of one's own is given, or more than one tunnel
 */
export function chooseTunnel(
  values: TunnelOptions,
  given: ReadonlySet<string>,
  project: Project,
): ChosenTunnel {
  const publicUrl = values["public-url"];
  const intakePort = values["intake-port"];
  if (publicUrl === undefined) {
    if (intakePort !== undefined) {
      throw new InvalidOptionError("--intake-port", "--public-url beside it", "no URL");
    }
    const subdomain = values.subdomain ?? remembered(project, "subdomain", parseSubdomain);
    return localtunnel(values, subdomain ?? createSubdomain(randomBytes), project);
  }
  if (intakePort === undefined) {
    throw new InvalidOptionError(
      "--public-url",
      "--intake-port beside it",
      "no port",
      "Choose one, as in --intake-port 4460, and have your tunnel lead to http://localhost:4460.",
    );
  }
  const other = ofLocaltunnel.find((flag) => given.has(flag));
  if (other !== undefined) {
    throw new InvalidOptionError(
      `--${other}`,
      "it without --public-url",
      "both",
      "--public-url is a tunnel of your own; the other is for the localtunnel server's.",
    );
  }
  return { provider: createOwnUrl(publicUrl), subdomain: undefined };
}

function localtunnel(values: TunnelOptions, subdomain: string, project: Project): ChosenTunnel {
  // A name belongs to its server: the URL stays the same only if both are remembered.
  const host = values.host ?? remembered(project, "host", originUrl) ?? new URL(defaultHost);
  const isAnyNameFine = values["any-subdomain"];
  return { provider: createLocaltunnel({ host, subdomain, isAnyNameFine, clock: systemClock }), subdomain };
}

/** What a later version may have written, and can't be read, is as good as forgotten. */
function remembered<Value>(
  project: Project,
  name: "subdomain" | "host",
  parse: (text: string, option: string) => Value,
): Value | undefined {
  const text = readState(project)[name];
  try {
    return text === undefined ? undefined : parse(text, "state.json");
  } catch {
    return undefined;
  }
}
