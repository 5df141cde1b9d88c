import { join } from "node:path";
import type { RunningTunnel } from "../../app/start-tunnel-options.ts";
import { updateState, type State } from "../../project/state-file.ts";
import type { RealIssuer } from "../../trust/real-issuer.ts";
import type { Context } from "../command.ts";
import type { TunnelOptions } from "./tunnel-options.ts";
import type { ChosenTunnel } from "./tunnel-provider.ts";

/**
 * What was given on the command line and has proved right, and the name that was made: the second day is bare `tunnel`.
 * @param given the options that the command line itself gives
 */
export function rememberTunnel(
  values: TunnelOptions,
  given: ReadonlySet<string>,
  { tunnel, real, chosen }: { tunnel: RunningTunnel; real: RealIssuer; chosen: ChosenTunnel },
  { project, reporter }: Context,
): void {
  const warn = (code: `WARN_${string}`, message: string): void =>
    reporter.record({ record: "warning", code, message });
  const { subdomain } = chosen;
  const isNameOurs = tunnel.name === subdomain;
  if (!isNameOurs) {
    warn(
      "WARN_SUBDOMAIN_TAKEN",
      `the name ${subdomain} is taken, so this is another URL, for this time: tell Kinde, or choose a name of your own with --subdomain`,
    );
  }
  const isNameToKeep = given.has("subdomain") || values.subdomain === undefined;
  const isGivenIssuer = given.has("issuer") && real.origin === "--issuer";
  if (isGivenIssuer && !tunnel.hasRealKeys()) {
    reporter.note(`${real.issuer} is not remembered for the next time, for its keys could not be read.`);
  }
  // Nobody has opened a tunnel of one's own: whether its URL is right only the probe can tell.
  const isProven = !isOwn(chosen) || tunnel.blocked === undefined;
  if (chosen.isGiven && !isProven) {
    reporter.note(
      `${chosen.other} is not remembered for the next time, for it could not be reached from here.`,
    );
  }
  const state: State = {
    ...(chosen.isGiven && isProven && { tunnel: chosen.toRemember }),
    ...(subdomain !== undefined && isNameOurs && isNameToKeep && { subdomain }),
    ...(given.has("host") && values.host !== undefined && { host: values.host.origin }),
    ...(isGivenIssuer && tunnel.hasRealKeys() && real.issuer !== null && { issuer: real.issuer }),
    ...(given.has("forward") && { forward: values.forward.map(({ text }) => text) }),
  };
  const file = join(project.directory, "state.json");
  try {
    if (updateState(project, state)) return;
    warn(
      "WARN_STATE_NOT_WRITTEN",
      `${file} can't be read, so nothing is remembered: this URL may be another than the one that Kinde has. Restore it, or move it away`,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    warn("WARN_STATE_NOT_WRITTEN", `nothing is remembered for the next time: ${why}`);
  }
}

function isOwn({ toRemember }: ChosenTunnel): boolean {
  return toRemember !== undefined && "publicUrl" in toRemember;
}
