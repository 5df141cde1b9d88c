/** The tunnel as a running process: public URL, intake, gate and relay, and the issuer that verifies both kinds of events. */
import { randomBytes } from "node:crypto";
import { settleWithin, unlessAborted, type Clock } from "../delivery/clock.ts";
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import type { Forward } from "../delivery/forward.ts";
import type { History } from "../history/history.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import { ProjectNotWritableError, type Project } from "../project/directory.ts";
import { createGate } from "../relay/gate.ts";
import { startIntake, type Intake, type IntakeOptions } from "../relay/intake.ts";
import { createKindeOutlook, type Expected, type Failing } from "../relay/kinde-outlook.ts";
import { createRelay, type RelayOptions } from "../relay/relay.ts";
import { createRelayedDeliveries } from "../relay/relayed-deliveries.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import { createProbe } from "../tunnel/probe.ts";
import { superviseTunnel, type SupervisedTunnel, type SupervisorOptions } from "../tunnel/supervisor.ts";
import type { TunnelProvider } from "../tunnel/tunnel.ts";
import { createAppHealth, type AppHealthOptions } from "./app-health.ts";
import { blendKeys } from "./blend-keys.ts";
import { serveIssuerAlone, type ServedIssuer } from "./local-issuer.ts";
import { isOnline } from "./is-online.ts";
import { createRandomPool } from "./random-pool.ts";
import { expireDeliveries, restoreDeliveries } from "./relayed-over-time.ts";
import { findEarlierTunnel, findRunningTunnel, TunnelRunningError } from "./running-tunnel.ts";

/** What to do. Times in milliseconds. */
export interface StartTunnelOptions {
  readonly project: Project;
  readonly signingKeys: RotatableKeys;
  readonly history: History;
  readonly clock: Clock;
  readonly issuerPort: number;
  /** `undefined` when nobody knows it: then only what our own key signed is let in. */
  readonly realIssuer: string | undefined;
  readonly provider: TunnelProvider;
  /** 0 for any free port. */
  readonly intakePort: number;
  readonly forwards: readonly Forward[];
  readonly eventTypes: RelayOptions["eventTypes"];
  readonly headers: RelayOptions["headers"];
  readonly timeoutMs: number;
  readonly holdMs: RelayOptions["holdMs"];
  readonly concurrency: RelayOptions["concurrency"];
  readonly isInsecure: boolean;
  readonly isOldFine: boolean;
  readonly isUnverifiedFine: boolean;
  /** Ends the wait for the tunnel. */
  readonly signal: AbortSignal;
  readonly listener: TunnelListener;
}

/** What happens, told as it happens. */
export interface TunnelListener
  extends
    Pick<RelayOptions, "onBegin" | "keep" | "onSkipped">,
    Pick<IntakeOptions, "onRefused" | "onFailure">,
    Pick<SupervisorOptions, "onRetry" | "onChange" | "onSlowDown"> {
  readonly onAppChange: AppHealthOptions["onChange"];
  /** An attempt has ended; with what Kinde is to be expected to do now, where the sender is Kinde. */
  readonly onEnd: (
    delivery: Delivery,
    attempt: Attempt,
    isCopy: boolean,
    expected: Expected | undefined,
  ) => void;
  /** The real issuer's keys can't be had. */
  readonly onJwksFailure: (error: unknown) => void;
  /** The sender has given it up. */
  readonly onAbandoned: (delivery: Delivery) => void;
}

export interface RunningTunnel {
  readonly publicUrl: URL;
  /** The name that a localtunnel server has given. */
  readonly name: string | undefined;
  /** `http://localhost:<port>`. */
  readonly intake: string;
  /** Why the probe could not leave this machine, if it could not. */
  readonly blocked: string | undefined;
  readonly localIssuer: string;
  readonly hasServedJwks: () => boolean;
  /** Whether the real issuer's keys can be had, as far as is known. */
  readonly hasRealKeys: () => boolean;
  /** From now on tells of apps that do not listen. */
  watchApps(): void;
  /** What Kinde has not got delivered here; to be asked after the end as well. */
  readonly failing: () => Failing;
  /** Takes no more webhooks; what is under way has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

// Whoever shares the issuer gets what is left of the time, and this at least to notice.
const followersGraceMs = 250;
// Who is cut off is answered 503, and that has to get through.
const answerWithinMs = 250;

/**
 * @throws {TunnelRunningError} `ERR_TUNNEL_RUNNING`
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {PortInUseError} when the intake's port is taken
 * @throws {TunnelError} when there is no tunnel to be had
 */
export async function startTunnel(options: StartTunnelOptions): Promise<RunningTunnel> {
  const { project, signingKeys, clock, issuerPort, realIssuer, listener } = options;
  const running = await findRunningTunnel(project);
  if (running !== undefined) throw new TunnelRunningError(running);
  const ended = new AbortController();
  const blended = blendKeys({
    signingKeys,
    realIssuer,
    issuerPort,
    clock,
    signal: ended.signal,
    onFailure: listener.onJwksFailure,
  });
  const opened: { close(graceMs: number): Promise<void> }[] = [];
  const closeAll = async (graceMs: number): Promise<void> => {
    ended.abort();
    const deadline = clock.now() + graceMs;
    for (const one of opened.reverse()) await one.close(Math.max(deadline - clock.now(), 0));
  };
  try {
    const issuer = await serveIssuerAlone(
      { ...options, port: issuerPort, command: "tunnel", blended },
      clock,
      options.signal,
    );
    opened.push({ close: (graceMs) => issuer.close(Math.max(graceMs, followersGraceMs)) });
    const earlier = await findEarlierTunnel(project, issuer.run, clock);
    if (earlier !== undefined) throw new TunnelRunningError(earlier);
    return await openIntake(options, blended, issuer, opened, closeAll, ended.signal);
  } catch (error) {
    await closeAll(0);
    throw error;
  }
}

async function openIntake(
  options: StartTunnelOptions,
  blended: BlendedJwks,
  issuer: ServedIssuer,
  opened: { close(graceMs: number): Promise<void> }[],
  closeAll: (graceMs: number) => Promise<void>,
  ended: AbortSignal,
): Promise<RunningTunnel> {
  const { clock, provider, listener, signal } = options;
  const deliveries = createRelayedDeliveries({
    now: () => clock.now(),
    randomBytes: createRandomPool(),
    recall: (id) => options.history.get(id),
  });
  const outlook = createKindeOutlook({ realIssuer: options.realIssuer, now: () => clock.now() });
  await restoreDeliveries(deliveries, outlook, options);
  const cut = new AbortController();
  const probe = createProbe(randomBytes);
  let tunnel: SupervisedTunnel | undefined;
  const health = createAppHealth({
    origins: options.forwards.map(({ url }) => url.origin),
    clock,
    signal: ended,
    onChange: listener.onAppChange,
  });
  const relay = createRelay({
    ...options,
    ...listener,
    onReach: health.note,
    onEnd: (delivery, attempt, isCopy) => {
      if (!isCopy) outlook.note(delivery, attempt);
      listener.onEnd(delivery, attempt, isCopy, isCopy ? undefined : outlook.expect(delivery));
    },
    deliveries,
    abort: cut.signal,
    proto: () => tunnel?.publicUrl.protocol.slice(0, -1) ?? "https",
  });
  const intake = await startIntake({
    ...listener,
    port: options.intakePort,
    answerProbe: probe.answer,
    gate: createGate({ ...options, trust: blended, now: () => clock.now() }),
    relay,
    now: () => clock.now(),
  });
  opened.push({
    close: async () => {
      cut.abort();
      await Promise.allSettled(relay.copies);
      await intake.close();
    },
  });
  opened.push({ close: async () => await provider.ended?.() });
  tunnel = await superviseTunnel({
    ...listener,
    onChange: (change) => {
      if (change.state === "up") publishAgain(issuer, change.url);
      listener.onChange(change);
    },
    provider,
    localPort: intake.port,
    probe,
    activity: intake,
    isOnline: () => isOnline(provider.address, options.realIssuer),
    clock,
    signal,
  });
  opened.push(tunnel, drainOf(intake, tunnel, relay.copies, cut, clock));
  // What comes from now on can be verified; or it was told why not.
  await unlessAborted(blended.jwks(), signal);
  issuer.publish(tunnel.publicUrl.origin);
  void expireDeliveries(deliveries, options, ended);
  return {
    publicUrl: tunnel.publicUrl,
    name: tunnel.name,
    intake: `http://localhost:${intake.port}`,
    blocked: tunnel.blocked,
    localIssuer: issuer.url,
    hasServedJwks: issuer.hasServedJwks,
    hasRealKeys: () => blended.hasRealKeys(),
    watchApps: health.watch,
    failing: outlook.failing,
    close: closeAll,
  };
}

/** With another name (`--any-subdomain`) it is another URL. A full disk must not end a tunnel that has just come back. */
function publishAgain(issuer: ServedIssuer, url: string): void {
  try {
    issuer.publish(url);
  } catch (error) {
    if (!(error instanceof ProjectNotWritableError)) throw error;
  }
}

/** What is under way comes to its end first, while the tunnel can still carry the answers; then it is cut off. */
function drainOf(
  intake: Intake,
  tunnel: SupervisedTunnel,
  copies: ReadonlySet<Promise<void>>,
  cut: AbortController,
  clock: Clock,
): { close(graceMs: number): Promise<void> } {
  return {
    close: async (graceMs) => {
      const ends = [intake.drain(), ...copies];
      await settleWithin(ends, graceMs, clock);
      cut.abort();
      await settleWithin(ends, answerWithinMs, clock);
      // What was answered last is still on its way through the tunnel, which this process itself carries.
      await settleWithin([tunnel.finish()], answerWithinMs, clock);
    },
  };
}
