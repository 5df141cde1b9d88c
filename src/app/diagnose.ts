/** What may be wrong around this tool, checked all at once and told in one order. Nothing is written, and no name is taken. */
import { systemClock } from "../delivery/clock.ts";
import type { Forward } from "../delivery/forward.ts";
import type { Settings } from "../project/settings.ts";
import type { RealIssuer } from "../trust/real-issuer.ts";
import { checkAppIssuer } from "./diagnoses/app-issuer.ts";
import { checkApps } from "./diagnoses/apps.ts";
import { createAsk } from "./diagnoses/ask.ts";
import { checkClock } from "./diagnoses/clock-skew.ts";
import { checkCredentials } from "./diagnoses/credentials.ts";
import { findingOf, warn, type Finding } from "./diagnoses/finding.ts";
import { checkIssuerPort } from "./diagnoses/issuer-port.ts";
import { checkLocalhost } from "./diagnoses/localhost.ts";
import { checkNode } from "./diagnoses/node-version.ts";
import { checkProject } from "./diagnoses/project-directory.ts";
import { checkRealIssuer, jwksUrlOf } from "./diagnoses/real-issuer.ts";
import { checkKeys } from "./diagnoses/signing-keys.ts";
import { checkTunnel, statusUrlOf, type TunnelServerOptions } from "./diagnoses/tunnel-server.ts";

export interface DiagnoseOptions extends TunnelServerOptions {
  /** `process.version`. */
  readonly nodeVersion: string;
  /** `KINDE_DEVHOOK_HOME`, if it is set. */
  readonly home: string | undefined;
  readonly variable: Settings["variable"];
  /** What the settings came to. */
  readonly settings: readonly Finding[];
  readonly issuerPort: number;
  readonly realIssuer: RealIssuer;
  readonly forwards: readonly Forward[];
  /** How long a check may take, in milliseconds. Default 5 s. */
  readonly limitMs?: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** A finding, and the case it belongs to. */
export interface Diagnosis extends Finding {
  readonly case: string;
}

const defaultLimitMs = 5_000;
// A request that runs out of time tells more than a check that does.
const requestShare = 0.8;

/** Each finding as soon as those before it are told; no more once the signal has come. */
export async function* diagnose(options: DiagnoseOptions): AsyncGenerator<Diagnosis> {
  const { limitMs = defaultLimitMs, signal } = options;
  const checks = checksOf(options, limitMs * requestShare).map(({ name, check }) => ({
    name,
    findings: boundedFindings(check, limitMs, signal),
  }));
  for (const { name, findings } of checks) {
    for (const finding of await findings) {
      if (signal.aborted) return;
      yield { case: name, ...finding };
    }
  }
}

type Findings = Finding | readonly Finding[];

interface Check {
  readonly name: string;
  readonly check: () => Findings | Promise<Findings>;
}

/** In the order in which they are told: what others rest on comes first. */
function checksOf(options: DiagnoseOptions, requestLimitMs: number): readonly Check[] {
  const { project, issuerPort, realIssuer, host, otherWay, proxy, variable, forwards, signal } = options;
  const { issuer } = realIssuer;
  const ask = createAsk(requestLimitMs, signal);
  const timeTellers = [
    ...(issuer === null ? [] : [jwksUrlOf(issuer)]),
    ...(otherWay === undefined ? [statusUrlOf(host)] : []),
  ];
  const credentials = { variable, realIssuer: issuer, limitMs: requestLimitMs };
  return [
    { name: "node", check: () => checkNode(options.nodeVersion) },
    { name: "project", check: () => checkProject(project, options.home) },
    { name: "settings", check: () => options.settings },
    { name: "keys", check: () => checkKeys(project) },
    { name: "localhost", check: () => checkLocalhost() },
    { name: "port", check: () => checkIssuerPort(project, issuerPort) },
    { name: "issuer", check: () => checkRealIssuer(realIssuer, ask, proxy) },
    { name: "app-issuer", check: () => checkAppIssuer(variable, issuerPort, issuer) },
    { name: "tunnel", check: () => checkTunnel(options, ask) },
    { name: "app", check: () => checkApps(forwards, issuerPort) },
    { name: "credentials", check: () => checkCredentials(credentials, signal) },
    { name: "clock", check: () => checkClock(timeTellers, ask) },
  ];
}

/** Never rejects: what a check throws is its finding. */
async function boundedFindings(
  check: Check["check"],
  limitMs: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const done = new AbortController();
  const limit = systemClock.wait(limitMs, AbortSignal.any([signal, done.signal])).then(
    () => warn("WARN_CHECK_TIMEOUT", `no verdict within ${limitMs / 1000} s`, "Try again."),
    // It was told to stop, and nobody asks for what it found.
    (): Finding[] => [],
  );
  try {
    return [await Promise.race([(async () => await check())(), limit])].flat();
  } catch (error) {
    return [findingOf(error)];
  } finally {
    done.abort();
  }
}
