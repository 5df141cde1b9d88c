/** `tunnel`, from its settings to Ctrl-C. */
import { once } from "node:events";
import { startTunnel } from "../../app/start-tunnel.ts";
import type { RunningTunnel } from "../../app/start-tunnel-options.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/attempt-delivery.ts";
import { assertDistinct, type Forward } from "../../delivery/forward.ts";
import { redactDelivery } from "../../delivery/redact-delivery.ts";
import type { HintContext } from "../../delivery/hints.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { PortInUseError } from "../../net/listen.ts";
import { isLoopbackHost } from "../../net/loopback.ts";
import { ensureCertificates } from "../../project/certificate-files.ts";
import type { Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createRelayLog } from "../output/relay-log.ts";
import { noteWhileStopping } from "../patience.ts";
import { openHistory, openNoHistory, openShielded } from "../project-history.ts";
import { openKeys } from "../project-keys.ts";
import { warnOfNoTls } from "../warnings.ts";
import { readRealIssuer } from "./real-issuer.ts";
import { forwardingOf, takeKeys } from "./take-keys.ts";
import { tellKinde } from "./tunnel-end.ts";
import { createListener } from "./tunnel-listener.ts";
import { createOwnListener } from "./tunnel-own.ts";
import { rememberTunnel } from "./tunnel-memory.ts";
import { forwardsOf, type TunnelOptions } from "./tunnel-options.ts";
import { chooseTunnel } from "./tunnel-provider.ts";
import { tellReady, warnAhead } from "./tunnel-ready.ts";
import { createShieldListener, readShield, tellShielded } from "./tunnel-shield.ts";

const stopping =
  "Stopping: what is under way has up to 2 s. Kinde tries again what it can't deliver. Ctrl-C again ends at once.";

/** @returns the exit code */
export async function runTunnel(
  values: TunnelOptions,
  given: ReadonlySet<string>,
  context: Context,
): Promise<number> {
  const { project, reporter, interruption } = context;
  const forwards = forwardsOf(values.forward, project);
  assertDistinct(forwards, "--forward", { isPathKept: true });
  assertNotOurselves(forwards, values["issuer-port"]);
  const real = readRealIssuer(values.issuer, values["issuer-port"], context);
  const shield = readShield(values, given);
  assertNoToken(values);
  const chosen = await chooseTunnel(values, given, context);
  const signingKeys = await openKeys(project, reporter);
  warnAhead(real, values, reporter);

  const history = values["no-history"]
    ? openNoHistory(values.redact)
    : openHistory(project, reporter, values.redact);
  const shielded = openShielded(project, reporter);
  // The first webhook may come a moment before the tunnel is called ready.
  let tunnel: RunningTunnel | undefined;
  const telling = {
    withToken: values["json-token"],
    meanwhile: { holdMs: values.hold, isShielded: shield.isOn },
    hintContext: (): HintContext => ({
      localIssuer: `http://localhost:${values["issuer-port"]}`,
      hasFetchedJwks: tunnel?.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--forward",
      appIssuer: context.settings.variable("KINDE_ISSUER_URL"),
    }),
  };
  const log = createRelayLog({ reporter, ...telling });
  const listener = {
    ...createListener(reporter, log, history),
    ...createShieldListener(reporter, history, telling),
    ...createOwnListener(reporter, history, telling),
  };
  const { provider, intakePort = 0 } = chosen;
  reporter.progress(
    `Opening a tunnel through ${provider.name}${chosen.isRemembered ? " (remembered)" : ""} …`,
  );
  tunnel = await startTunnel({
    project,
    signingKeys,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    realIssuer: real.issuer ?? undefined,
    provider,
    intakePort,
    forwards,
    eventTypes: values["event-types"].length === 0 ? undefined : values["event-types"].join(","),
    headers: values.header,
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    holdMs: values.hold,
    concurrency: values.concurrency,
    isInsecure: values.insecure,
    isOldFine: values["allow-old"],
    isUnverifiedFine: values["allow-unverified"],
    shielding: { ...shield, pending: shielded },
    inspector: values["no-inspector"]
      ? undefined
      : { appIssuer: () => context.settings.variable("KINDE_ISSUER_URL") },
    signal: interruption.stop,
    listener,
    isRedacted: values.redact,
  }).catch((error: unknown) => {
    shielded.close();
    throw error instanceof PortInUseError ? intakePortTaken(error) : error;
  });
  try {
    reporter.progress(undefined);
    rememberTunnel(values, given, { tunnel, real, chosen }, context);
    const ca = await ensureCertificates(project, systemClock.now()).catch(warnOfNoTls(reporter));
    const inspector = tunnel.inspectorUrl?.() ?? null;
    tellReady(tunnel, { forwards, real, values, chosen, inspector, caFile: ca?.caPath ?? null }, reporter);
    tunnel.watchApps();
    await takeKeys({
      running: tunnel,
      localIssuer: tunnel.localIssuer,
      history,
      signingKeys,
      context,
      shown: values.redact ? redactDelivery : undefined,
      forwarding: forwardingOf(tunnel, shield.isOn),
      // An answer that is still to come then stands under its own event again.
      beforeOutput: log.interrupt,
    });
    if (!interruption.stop.aborted) await once(interruption.stop, "abort");
  } finally {
    const ended = new AbortController();
    noteWhileStopping(stopping, reporter, interruption.stop, ended.signal);
    await tunnel.close(graceMs);
    ended.abort();
    log.end();
    if (real.issuer !== null) tellKinde(tunnel, reporter);
    tellShielded(tunnel.shielded().length, shielded.close(), reporter);
    await history.close();
  }
  return 0;
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when webhooks would go round in a circle */
function assertNotOurselves(forwards: readonly Forward[], issuerPort: number): void {
  for (const { text, url } of forwards) {
    if (!isLoopbackHost(url.hostname) || url.port !== String(issuerPort)) continue;
    throw new InvalidOptionError(
      "--forward",
      "the port of your app",
      `${JSON.stringify(text)}, which is this tool's own local issuer`,
    );
  }
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when tokens are to be shown that are not to be kept */
function assertNoToken(values: TunnelOptions): void {
  if (!values.redact || !values["json-token"]) return;
  const why = "A token holds all that --redact masks.";
  throw new InvalidOptionError("--json-token", "it without --redact", "both", why);
}

function intakePortTaken({ port }: PortInUseError): InvalidOptionError {
  return new InvalidOptionError("--intake-port", "a free port", `${port}, which is in use`);
}
