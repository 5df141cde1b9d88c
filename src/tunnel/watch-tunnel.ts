/**
 * Notices that nothing comes through a tunnel any more. Its connections may look alive for hours, and so does the
 * server's own status page: what counts is a request that has come through, a webhook or one of our own.
 */
import type { Clock } from "../delivery/clock.ts";
import type { Probe, ProbeResult } from "./probe.ts";
import type { Tunnel } from "./tunnel.ts";

/** What comes through a tunnel without our doing. */
export interface TunnelActivity {
  /** When a webhook was last let in, in epoch milliseconds; 0 when none was. */
  heardAt(): number;
  /** Webhooks that are not answered yet: each holds one of the tunnel's connections. */
  underWay(): number;
}

export interface WatchOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly activity: TunnelActivity;
  /** How often it is tried while idle; kept from one tunnel to the next. */
  readonly pace: ProbePace;
}

/** Why a tunnel is taken for dead. */
export interface Deafness {
  readonly reason: string;
  /** Whether it may be alive, and this machine reaches nothing. */
  readonly isBlocked: boolean;
}

/** How long a tunnel may be idle before it is tried. */
export interface ProbePace {
  /** Milliseconds. */
  readonly intervalMs: number;
  /** Asks less often. */
  slowDown(reason: string): void;
  /** Asks more often again, once the service has put up with it for a while. */
  passed(): void;
}

const idleMs = 20_000;
const maxIdleMs = 5 * 60_000;
const passedToSpeedUp = 20;
/** How long a probe may take. Twice in a row, a deaf tunnel is noticed within 30 s. */
export const answerWithinMs = 4_000;
// What fails at once may be over in a moment: a gateway that has just been started anew.
const pauseMs = 2_000;
// How often the clock is looked at. One that has jumped shows that this machine was asleep, and its timers with it.
const stepMs = 2_000;
const jumpMs = 5_000;
// As many as localtunnel's servers give, unless a tunnel says more of itself.
const usualConnections = 10;

/** @param onSlowDown called with the new interval in milliseconds */
export function createProbePace(onSlowDown: (intervalMs: number, reason: string) => void): ProbePace {
  let intervalMs = idleMs;
  let passedInRow = 0;
  return {
    get intervalMs() {
      return intervalMs;
    },
    passed: () => {
      if (++passedInRow < passedToSpeedUp) return;
      passedInRow = 0;
      intervalMs = Math.max(intervalMs / 2, idleMs);
    },
    slowDown: (reason) => {
      passedInRow = 0;
      if (intervalMs === maxIdleMs) return;
      intervalMs = Math.min(2 * intervalMs, maxIdleMs);
      onSlowDown(intervalMs, reason);
    },
  };
}

/**
 * Tries a tunnel while it is idle, and at once when this machine has been asleep.
 * @param isProven whether a probe has come back through it: of another nobody knows whether one could
 * @returns why it is taken for dead
 * @throws the signal's reason when it comes first
 */
export async function watchTunnel(
  { publicUrl, connections = usualConnections }: Pick<Tunnel, "publicUrl" | "connections">,
  isProven: boolean,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<Deafness> {
  const { probe, clock, activity, pace } = options;
  let triedAt = clock.now();
  let canBeProven = isProven;
  /** A time from before the clock was set back is none to count from. */
  const heardAt = (): number => (activity.heardAt() <= clock.now() ? activity.heardAt() : 0);
  const send = async (): Promise<ProbeResult> => {
    const sentAt = clock.now();
    const result = await probe.send(publicUrl, signal, answerWithinMs);
    triedAt = clock.now();
    if (result.outcome === "came-back") canBeProven = true;
    // What came through in the meantime proves as much.
    return heardAt() > sentAt ? { outcome: "came-back" } : result;
  };
  const saysNothing = ({ outcome }: ProbeResult): boolean =>
    outcome === "came-back" || outcome === "limited" || (outcome === "blocked" && !canBeProven);

  while (true) {
    const hasSlept = await waitUntilIdle(() => Math.max(triedAt, heardAt()), options, signal);
    // Each connection carries one request at a time: as long as all are at work a probe would wait behind them, and a
    // live tunnel be cut with what it carries. Each ends in the time that an app may take.
    if (!hasSlept && activity.underWay() >= connections) {
      triedAt = clock.now() + stepMs - pace.intervalMs;
      continue;
    }
    const sentAt = clock.now();
    let result = await send();
    if (!saysNothing(result)) {
      const tookMs = Math.max(0, clock.now() - sentAt);
      await clock.wait(Math.max(0, pauseMs - tookMs), signal);
      result = await send();
    }
    if (result.outcome === "limited") pace.slowDown(result.reason);
    if (result.outcome === "came-back") pace.passed();
    if (!saysNothing(result)) return deafnessOf(result);
  }
}

/**
 * Resolves when nothing has come through for long enough.
 * @returns whether the clock has jumped meanwhile
 */
async function waitUntilIdle(
  since: () => number,
  { clock, pace }: WatchOptions,
  signal: AbortSignal,
): Promise<boolean> {
  while (true) {
    const before = clock.now();
    const leftMs = since() + pace.intervalMs - before;
    if (leftMs <= 0) return false;
    await clock.wait(Math.min(leftMs, stepMs), signal);
    if (Math.abs(clock.now() - before) > stepMs + jumpMs) return true;
  }
}

function deafnessOf(result: ProbeResult): Deafness {
  const why = result.outcome === "came-back" ? "" : ` (${result.reason})`;
  return {
    reason: `nothing comes through it any more${why}`,
    isBlocked: result.outcome === "blocked",
  };
}
