/** The tunnel as a running process: public URL, intake, gate and relay, and the issuer that verifies both kinds of events. */
import { blendKeys } from "./blend-keys.ts";
import { serveIssuerAlone, type ServedIssuer } from "./local-issuer.ts";
import { openIntake, type Opened } from "./open-intake.ts";
import { findEarlierTunnel, findRunningTunnel, TunnelRunningError } from "./running-tunnel.ts";
import type { RunningTunnel, StartTunnelOptions } from "./start-tunnel-options.ts";
import { createTunnelView } from "./tunnel-view.ts";

// Whoever shares the issuer gets what is left of the time, and this at least to notice.
const followersGraceMs = 250;

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
  const opened: Opened[] = [];
  const closeAll = async (graceMs: number): Promise<void> => {
    ended.abort();
    const deadline = clock.now() + graceMs;
    for (const one of opened.reverse()) await one.close(Math.max(deadline - clock.now(), 0));
  };
  let served: ServedIssuer | undefined;
  const tunnelView = createTunnelView(options, blended, () => served?.hasServedJwks());
  const { control, replay } = tunnelView;
  const view = options.inspector === undefined ? undefined : tunnelView.view;
  try {
    const issuer = await serveIssuerAlone(
      { ...options, port: issuerPort, command: "tunnel", blended, control, view },
      clock,
      options.signal,
    );
    served = issuer;
    opened.push({ close: (graceMs) => issuer.close(Math.max(graceMs, followersGraceMs)) }, tunnelView);
    const earlier = await findEarlierTunnel(project, issuer.run, clock);
    if (earlier !== undefined) throw new TunnelRunningError(earlier);
    const parts = await openIntake(options, {
      blended,
      issuer,
      tunnelView,
      opened,
      ended: ended.signal,
    });
    // Not spread: its URL may become another.
    return Object.assign(parts, { close: closeAll, inspectorUrl: issuer.inspectorUrl, replay });
  } catch (error) {
    await closeAll(0);
    throw error;
  }
}
