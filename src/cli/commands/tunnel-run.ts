/** `tunnel`, from its settings to Ctrl-C. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { startTunnel, type RunningTunnel, type TunnelListener } from "../../app/start-tunnel.ts";
import { systemClock } from "../../delivery/clock.ts";
import { defaultTimeoutMs } from "../../delivery/deliver.ts";
import { assertDistinct } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import { PortInUseError } from "../../net/listen.ts";
import { loadSigningKey } from "../../project/keys-file.ts";
import { readState, updateState } from "../../project/state-file.ts";
import type { RealIssuer } from "../../trust/real-issuer.ts";
import { createLocaltunnel } from "../../tunnel/localtunnel.ts";
import { createOwnUrl } from "../../tunnel/own-url.ts";
import { createSubdomain, parseSubdomain } from "../../tunnel/subdomain.ts";
import type { TunnelProvider } from "../../tunnel/tunnel.ts";
import type { Context } from "../command.ts";
import { graceMs } from "../interruption.ts";
import { createRelayLog, type RelayLog } from "../output/relay-log.ts";
import type { Reporter } from "../output/reporter.ts";
import { noteWhileStopping } from "../patience.ts";
import { openHistory, openNoHistory, type KeptHistory } from "../project-history.ts";
import { warnIfExposed, warnOfJwks } from "../warnings.ts";
import { readRealIssuer } from "./real-issuer.ts";
import { forwardsOf, type TunnelOptions } from "./tunnel-options.ts";
import { tellReady, warnAhead } from "./tunnel-ready.ts";

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
  assertOneTunnel(values, given);
  const real = readRealIssuer(values.issuer, values["issuer-port"], context);
  const subdomain = values.subdomain ?? rememberedSubdomain(context) ?? createSubdomain(randomBytes);
  const provider = providerOf(values, subdomain);
  const key = await loadSigningKey(project, systemClock.now());
  warnIfExposed(key, project, reporter);
  warnAhead(real, values, reporter);

  const history = values["no-history"] ? openNoHistory() : openHistory(project, reporter);
  // The first webhook may come a moment before the tunnel is called ready.
  let tunnel: RunningTunnel | undefined;
  const log = createRelayLog({
    reporter,
    withToken: values["json-token"],
    hintContext: () => ({
      localIssuer: `http://localhost:${values["issuer-port"]}`,
      hasFetchedJwks: tunnel?.hasServedJwks(),
      expectedStatus: 200,
      endpointOption: "--forward",
    }),
  });
  reporter.progress(`Opening a tunnel through ${provider.name} …`);
  tunnel = await startTunnel({
    project,
    signingKey: key.signingKey,
    history,
    clock: systemClock,
    issuerPort: values["issuer-port"],
    realIssuer: real.issuer ?? undefined,
    provider,
    intakePort: values["intake-port"] ?? 0,
    forwards,
    eventTypes: values["event-types"].length === 0 ? undefined : values["event-types"].join(","),
    headers: values.header,
    timeoutMs: values.timeout ?? defaultTimeoutMs,
    isInsecure: values.insecure,
    isOldFine: values["allow-old"],
    isUnverifiedFine: values["allow-unverified"],
    signal: interruption.stop,
    listener: createListener(reporter, log, history),
  }).catch((error: unknown) => {
    throw error instanceof PortInUseError ? intakePortTaken(error) : error;
  });
  try {
    reporter.progress(undefined);
    remember(values, given, real, subdomain, context);
    tellReady(tunnel, { forwards, real, isUnverifiedFine: values["allow-unverified"] }, reporter);
    if (!interruption.stop.aborted) await once(interruption.stop, "abort");
  } finally {
    const ended = new AbortController();
    noteWhileStopping(stopping, reporter, interruption.stop, ended.signal);
    await tunnel.close(graceMs);
    ended.abort();
    log.end();
    await history.close();
  }
  return 0;
}

function createListener(reporter: Reporter, log: RelayLog, history: KeptHistory): TunnelListener {
  let retriedFor: string | undefined;
  let urlBefore: string | undefined;
  return {
    keep: (delivery) => history.keep(delivery),
    onBegin: log.onBegin,
    onEnd: log.onEnd,
    onAbandoned: (delivery) => log.onAbandoned(delivery),
    onRefused: (refused) => log.onRefused({ record: "refused", ...refused }),
    onSkipped: log.onSkipped,
    onRetry: ({ reason }) => {
      if (reason !== retriedFor) reporter.note(`Trying again for a few seconds: ${reason} …`);
      retriedFor = reason;
    },
    onChange: (change) => {
      reporter.record({ record: "tunnel", ...change });
      if (change.state === "down") urlBefore = change.url;
      if (change.state === "up" && change.url !== urlBefore) {
        const message = `the tunnel has another URL now, ${change.url}: tell Kinde, which goes on calling ${urlBefore}`;
        reporter.record({ record: "warning", code: "WARN_URL_CHANGED", message });
      }
    },
    onJwksFailure: (error) =>
      warnOfJwks(
        error,
        "Until then its webhooks are answered 503, and Kinde tries again; what is emitted here works.",
        reporter,
      ),
    onFailure: (error) =>
      reporter.record({
        record: "warning",
        code: "WARN_INTERNAL",
        message: `a webhook was answered 500 for a bug in kinde-devhook ${__VERSION__}; please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      }),
  };
}

function rememberedSubdomain({ project }: Context): string | undefined {
  const { subdomain } = readState(project);
  try {
    return subdomain === undefined ? undefined : parseSubdomain(subdomain, "state.json");
  } catch {
    return undefined;
  }
}

const ofLocaltunnel = ["host", "subdomain", "any-subdomain"];

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when a tunnel of one's own is given options of localtunnel's */
function assertOneTunnel(values: TunnelOptions, given: ReadonlySet<string>): void {
  const other = ofLocaltunnel.find((flag) => given.has(flag));
  if (values["public-url"] === undefined || other === undefined) return;
  throw new InvalidOptionError(
    `--${other}`,
    "it without --public-url",
    "both",
    "--public-url is a tunnel of your own; the other is for the localtunnel server's.",
  );
}

/** @throws {InvalidOptionError} `ERR_INVALID_OPTION` when half of a tunnel of one's own is given */
function providerOf(values: TunnelOptions, subdomain: string): TunnelProvider {
  const publicUrl = values["public-url"];
  const intakePort = values["intake-port"];
  if (publicUrl !== undefined && intakePort === undefined) {
    throw new InvalidOptionError(
      "--public-url",
      "--intake-port beside it",
      "no port",
      "Choose one, as in --intake-port 4460, and have your tunnel lead to http://localhost:4460.",
    );
  }
  if (publicUrl !== undefined) return createOwnUrl(publicUrl);
  if (intakePort !== undefined) {
    throw new InvalidOptionError("--intake-port", "--public-url beside it", "no URL");
  }
  return createLocaltunnel({
    host: values.host,
    subdomain,
    isAnyNameFine: values["any-subdomain"],
    clock: systemClock,
  });
}

/** What was given on the command line, and the name that was made: the second day is bare `tunnel`. */
function remember(
  values: TunnelOptions,
  given: ReadonlySet<string>,
  real: RealIssuer,
  subdomain: string,
  { project, reporter }: Context,
): void {
  const isOwnUrl = values["public-url"] !== undefined;
  const isGivenIssuer = given.has("issuer") && real.origin === "--issuer" && real.issuer !== null;
  const isSubdomainKept = !isOwnUrl && (given.has("subdomain") || values.subdomain === undefined);
  const warn = (why: string): void => {
    const message = `nothing is remembered for the next time: ${why}`;
    reporter.record({ record: "warning", code: "WARN_STATE_NOT_WRITTEN", message });
  };
  try {
    const isRemembered = updateState(project, {
      ...(isSubdomainKept && { subdomain }),
      ...(isGivenIssuer && real.issuer !== null && { issuer: real.issuer }),
      ...(given.has("forward") && { forward: values.forward.map(({ text }) => text) }),
    });
    if (!isRemembered) warn(`${join(project.directory, "state.json")} can't be read; move it away.`);
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error));
  }
}

function intakePortTaken({ port }: PortInUseError): InvalidOptionError {
  return new InvalidOptionError("--intake-port", "a free port", `${port}, which is in use`);
}
