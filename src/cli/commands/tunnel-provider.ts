/** The tunnel that is opened: a localtunnel server's, under which name, ngrok's, or one of the user's own. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../../delivery/clock.ts";
import { readState, type RememberedTunnel } from "../../project/state-file.ts";
import type { Project } from "../../project/directory.ts";
import { createLocaltunnel } from "../../tunnel/localtunnel.ts";
import { createOwnUrl } from "../../tunnel/own-url.ts";
import { createSubdomain, parseSubdomain } from "../../tunnel/subdomain.ts";
import type { TunnelProvider } from "../../tunnel/tunnel.ts";
import type { Context } from "../command.ts";
import { originUrl } from "../values.ts";
import { defaultHost } from "./shared-options.ts";
import { chooseKind, toRemember } from "./tunnel-kind.ts";
import type { TunnelOptions } from "./tunnel-options.ts";

export interface ChosenTunnel {
  readonly provider: TunnelProvider;
  /** The name that is asked for at a localtunnel server; `undefined` for another tunnel. */
  readonly subdomain: string | undefined;
  /** The port that the tunnel leads to; `undefined` for any that is free. */
  readonly intakePort: number | undefined;
  /** Another one than localtunnel's, as it is named to the user. */
  readonly other: string | undefined;
  /** Nothing but the memory names it. */
  readonly isRemembered: boolean;
  /** Whether the command line has chosen it, so that the next bare `tunnel` has to know. */
  readonly isGiven: boolean;
  readonly toRemember: RememberedTunnel | undefined;
}

/**
 * What was given, else what is remembered, else the default.
 * @param given the options that the command line itself gives
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when half of a tunnel of one's own is given, or more than one tunnel
 */
export async function chooseTunnel(
  values: TunnelOptions,
  given: ReadonlySet<string>,
  context: Context,
): Promise<ChosenTunnel> {
  const { project } = context;
  const { kind, isRemembered, isGiven } = chooseKind(values, given, readState(project).tunnel);
  const chosen = { isRemembered, isGiven, toRemember: toRemember(kind), subdomain: undefined };
  if (kind.provider === "localtunnel") {
    const subdomain = values.subdomain ?? remembered(project, "subdomain", parseSubdomain);
    return { ...chosen, ...localtunnel(values, subdomain ?? createSubdomain(randomBytes), project) };
  }
  const { intakePort } = kind;
  if (kind.provider === "ngrok") {
    return { ...chosen, provider: await openNgrok(context), intakePort, other: "ngrok" };
  }
  const { publicUrl } = kind;
  return { ...chosen, provider: createOwnUrl(publicUrl), intakePort, other: publicUrl.origin };
}

function localtunnel(
  values: TunnelOptions,
  subdomain: string,
  project: Project,
): Pick<ChosenTunnel, "provider" | "subdomain" | "intakePort" | "other"> {
  // A name belongs to its server: the URL stays the same only if both are remembered.
  const host = values.host ?? remembered(project, "host", originUrl) ?? new URL(defaultHost);
  const isAnyNameFine = values["any-subdomain"];
  const provider = createLocaltunnel({ host, subdomain, isAnyNameFine, clock: systemClock });
  return { provider, subdomain, intakePort: undefined, other: undefined };
}

async function openNgrok({
  settings,
  workingDirectory,
  environment,
  interruption,
}: Context): Promise<TunnelProvider> {
  const { createNgrok, defaultAgentUrl } = await import("../../tunnel/ngrok.ts");
  const { value = defaultAgentUrl, origin = "" } = settings.variable("KINDE_DEVHOOK_NGROK_API") ?? {};
  return createNgrok({
    // ngrok's own configuration names a host and a port alone.
    agentUrl: originUrl(value.includes("//") ? value : `http://${value}`, origin),
    workingDirectory,
    environment,
    onExit: interruption.onExit,
    clock: systemClock,
  });
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
