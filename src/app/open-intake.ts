/** The public half of a tunnel: its intake, what stands behind that, and the tunnel that leads to it. */
import { randomBytes } from "node:crypto";
import { settleWithin, unlessAborted, type Clock } from "../delivery/clock.ts";
import { ProjectNotWritableError } from "../project/directory.ts";
import { createGate } from "../relay/gate.ts";
import { startIntake, type Intake } from "../relay/intake.ts";
import { createKindeOutlook } from "../relay/kinde-outlook.ts";
import { createRelay } from "../relay/relay.ts";
import { createRelayedDeliveries } from "../relay/relayed-deliveries.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import { createProbe } from "../tunnel/probe.ts";
import { superviseTunnel, type SupervisedTunnel } from "../tunnel/supervisor.ts";
import { createAppHealth } from "./app-health.ts";
import { isOnline } from "./is-online.ts";
import type { ServedIssuer } from "./local-issuer.ts";
import { openShield } from "./open-shield.ts";
import { createRandomPool } from "./random-pool.ts";
import { expireDeliveries, restoreDeliveries } from "./relayed-over-time.ts";
import type { RunningTunnel, StartTunnelOptions } from "./start-tunnel-options.ts";
import type { TunnelView } from "./tunnel-view.ts";

/** What ends with the tunnel, in the reverse of its order. */
export interface Opened {
  close(graceMs: number): Promise<void>;
}

/** What is there before the intake is. */
export interface IntakeSurroundings {
  readonly blended: BlendedJwks;
  readonly issuer: ServedIssuer;
  readonly tunnelView: TunnelView;
  /** What is opened is added here. */
  readonly opened: Opened[];
  /** The tunnel is about to close. */
  readonly ended: AbortSignal;
}

// Who is cut off is answered 503, and that has to get through.
const answerWithinMs = 250;

/** Opens the intake with all that stands behind it, and then the tunnel that leads to it. */
export async function openIntake(
  given: StartTunnelOptions,
  { blended, issuer, tunnelView, opened, ended }: IntakeSurroundings,
): Promise<Omit<RunningTunnel, "close" | "inspectorUrl" | "replay">> {
  const options = { ...given, listener: tunnelView.watch(given.listener) };
  const { clock, provider, listener, signal } = options;
  const deliveries = createRelayedDeliveries({
    now: () => clock.now(),
    randomBytes: createRandomPool(),
    recall: (id) => options.history.get(id),
  });
  const outlook = createKindeOutlook({ realIssuer: options.realIssuer, now: () => clock.now() });
  const probe = createProbe(randomBytes);
  let tunnel: SupervisedTunnel | undefined;
  const health = createAppHealth({
    origins: options.forwards.map(({ url }) => url.origin),
    clock,
    signal: ended,
    onChange: listener.onAppChange,
    onKnown: tunnelView.view.noteStatus,
  });
  const cut = new AbortController();
  const sending = { ...options, ...listener, onReach: health.note, abort: cut.signal };
  const shield = await openShield(sending, deliveries, outlook);
  const recent = await restoreDeliveries(deliveries, outlook, options);
  shield?.recall(recent);
  let isPaused = false;
  const setPaused = (isNow: boolean): void => {
    isPaused = isNow;
    shield?.setPaused(isNow);
    tunnelView.view.noteStatus();
  };
  tunnelView.connect({
    apps: health.list,
    isPaused: () => isPaused,
    shielded: () => shield?.pending(),
  });
  const relay = createRelay({
    ...sending,
    onEnd: (delivery, attempt, isCopy) => {
      if (!isCopy) outlook.note(delivery, attempt);
      listener.onEnd(delivery, attempt, isCopy, isCopy ? undefined : outlook.expect(delivery));
    },
    onSkipped: (skipped, verification) => {
      outlook.took({ webhookId: skipped.webhookId, verification });
      listener.onSkipped(skipped, verification);
    },
    deliveries,
    shield,
    isPaused: () => isPaused,
    onPutOff: outlook.putOff,
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
      await Promise.allSettled([...relay.copies, shield?.close(0)]);
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
  const drain = drainOf(intake, tunnel, relay.copies, cut, clock);
  opened.push(tunnel, {
    close: async (graceMs) => {
      await Promise.all([drain.close(graceMs), shield?.close(graceMs)]);
    },
  });
  // What comes from now on can be verified; or it was told why not.
  await unlessAborted(blended.jwks(), signal);
  issuer.publish(tunnel.publicUrl.origin);
  tunnelView.opened(tunnel.publicUrl.origin);
  shield?.resume();
  void expireDeliveries(deliveries, options, ended);
  const supervised = tunnel;
  return {
    get publicUrl() {
      return supervised.publicUrl;
    },
    isPaused: () => isPaused,
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    name: tunnel.name,
    intake: `http://localhost:${intake.port}`,
    blocked: tunnel.blocked,
    localIssuer: issuer.url,
    hasServedJwks: issuer.hasServedJwks,
    hasRealKeys: () => blended.hasRealKeys(),
    watchApps: health.watch,
    failing: outlook.failing,
    shielded: () => shield?.pending() ?? [],
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
