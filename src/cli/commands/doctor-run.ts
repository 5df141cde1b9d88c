/** `doctor`: the checks with what is set and remembered, told one by one. */
import { diagnose, type DiagnoseOptions } from "../../app/diagnose.ts";
import type { Forward } from "../../delivery/forward.ts";
import type { Project } from "../../project/directory.ts";
import { readState } from "../../project/state-file.ts";
import type { CommandExit, Context } from "../command.ts";
import { originUrl } from "../values.ts";
import { checkSettings } from "./doctor-settings.ts";
import { readOtherTunnel } from "./other-tunnel.ts";
import { readRealIssuer } from "./real-issuer.ts";
import { defaultHost, type Named } from "./shared-options.ts";
import { forwardsOf } from "./tunnel-options.ts";

export interface DoctorOptions {
  readonly forward: readonly Forward[];
  readonly issuer: Named | undefined;
  readonly "issuer-port": number;
  readonly host: URL | undefined;
}

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * @param given the options that the command line itself gives
 * @returns 0 when nothing must be fixed
 */
export async function runDoctor(
  values: DoctorOptions,
  given: ReadonlySet<string>,
  context: Context,
): Promise<CommandExit> {
  const { reporter } = context;
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  reporter.progress("Looking around …");
  for await (const { advice, code, ...diagnosis } of diagnose(optionsOf(values, given, context))) {
    counts[diagnosis.verdict]++;
    reporter.record({ record: "check", ...diagnosis, advice: advice ?? null, code: code ?? null });
  }
  reporter.progress(undefined);
  const mustBeFixed = counts.fail > 0;
  if (!reporter.isJson && !context.interruption.stop.aborted) {
    const fixed = mustBeFixed
      ? reporter.paint("red", `${counts.fail} must be fixed`)
      : reporter.paint("green", "Nothing must be fixed");
    reporter.print(`\n${fixed}${counts.warn === 0 ? "" : `; ${counts.warn} to look at`}.`);
  }
  return mustBeFixed ? { code: 1, reason: "must_be_fixed" } : { code: 0, reason: "done" };
}

function optionsOf(values: DoctorOptions, given: ReadonlySet<string>, context: Context): DiagnoseOptions {
  const { project, environment, settings, interruption } = context;
  const issuerPort = values["issuer-port"];
  const other = readOtherTunnel(settings, readState(project).tunnel);
  return {
    nodeVersion: process.version,
    project,
    home: environment["KINDE_DEVHOOK_HOME"] || undefined,
    variable: settings.variable,
    settings: checkSettings(settings, other.mistake),
    issuerPort,
    realIssuer: readRealIssuer(values.issuer, issuerPort, context),
    forwards: forwardsOf(values.forward, project),
    host: values.host ?? rememberedHost(project) ?? new URL(defaultHost),
    // Who names a localtunnel server means it.
    otherWay: given.has("host") ? undefined : other.words,
    proxy: proxyVariables.find((name) => environment[name]),
    signal: interruption.stop,
  };
}

/** What a later version may have written, and can't be read, is as good as forgotten. */
function rememberedHost(project: Project): URL | undefined {
  const { host } = readState(project);
  try {
    return host === undefined ? undefined : originUrl(host, "state.json");
  } catch {
    return undefined;
  }
}
