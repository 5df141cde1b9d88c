/** A time in which nothing came through the tunnel: from when to when, and whose fault it was. */
import type { Clock } from "../delivery/clock.ts";
import { TunnelError } from "./tunnel.ts";

/** Whose fault it is, as far as it can be told from here. */
export type OutageCause = "tunnel service" | "our network" | "name taken";

/** What became of a tunnel that was up. */
export interface TunnelChange {
  readonly state: "down" | "reconnecting" | "up";
  /** The origin of the public URL. */
  readonly url: string;
  readonly cause: OutageCause;
  /** The cause in words. */
  readonly reason: string;
  /** Since when, ISO 8601 UTC. */
  readonly startedAt: string;
  /** Until when; `null` as long as it lasts. */
  readonly endedAt: string | null;
  /** How long it has been down by now. */
  readonly downMs: number;
  /** Of one that is up again: whether a request of our own has come through it. */
  readonly probed?: boolean;
}

export interface OutageOptions {
  readonly clock: Clock;
  /** Whether anything else of the internet can be reached; `undefined` when nobody can tell. */
  readonly isOnline: () => Promise<boolean | undefined>;
  readonly onChange: (change: TunnelChange) => void;
}

export interface Outage {
  /** Tells of a try that has failed: of another reason at once, of the same one every minute. */
  failed(error: unknown): Promise<void>;
  /** @param probed whether a request of our own has come through it */
  ended(url: URL, probed: boolean): void;
}

const sayAgainAfterMs = 60_000;
// A server takes a tunnel that has just gone for alive for a second or more: its name is then taken by ourselves.
const graceMs = 5_000;

/** Tells that the tunnel is down. @param reason why, in words */
export async function beginOutage(url: URL, reason: string, options: OutageOptions): Promise<Outage> {
  const { clock, onChange } = options;
  const downAt = clock.now();
  const startedAt = new Date(downAt).toISOString();
  const first = { cause: await causeOf(undefined, options), reason };
  let said = { text: "", at: 0 };
  const tell = (
    change: Pick<TunnelChange, "state" | "url" | "cause" | "reason" | "probed">,
    at: number = clock.now(),
  ): void => {
    const isOver = change.state === "up";
    // A clock that was set back meanwhile makes no time of it.
    const downMs = Math.max(at - downAt, 0);
    onChange({
      ...change,
      startedAt,
      endedAt: isOver ? new Date(downAt + downMs).toISOString() : null,
      downMs,
    });
  };
  // As of then: whose fault it is may have taken a second to find out.
  tell({ state: "down", url: url.origin, ...first }, downAt);
  /** Time that a clock has jumped has passed too, in whichever direction: else nothing would be said for hours. */
  const timeFrom = (at: number): number => Math.abs(clock.now() - at);
  let last = first;
  let takenSince: number | undefined;
  return {
    failed: async (error) => {
      const isTaken = isNameTaken(error);
      takenSince = isTaken ? (takenSince ?? clock.now()) : undefined;
      if (takenSince !== undefined && timeFrom(takenSince) < graceMs) return;
      // A refusal that would end the command at its start may be gone tomorrow: Kinde still calls this URL.
      const text = error instanceof TunnelError ? error.reason : describe(error);
      if (text === said.text && timeFrom(said.at) < sayAgainAfterMs) return;
      said = { text, at: clock.now() };
      last = { cause: await causeOf(error, options), reason: text };
      tell({ state: isTaken ? "down" : "reconnecting", url: url.origin, ...last });
    },
    ended: (now, probed) => tell({ state: "up", url: now.origin, ...last, probed }),
  };
}

async function causeOf(error: unknown, { isOnline }: OutageOptions): Promise<OutageCause> {
  if (isNameTaken(error)) return "name taken";
  // Whoever has answered can be reached.
  const hasAnswered =
    error instanceof TunnelError &&
    ["ERR_TUNNEL_REFUSED", "ERR_TUNNEL_UNAVAILABLE", "ERR_TUNNEL_INVALID"].includes(error.code);
  try {
    return hasAnswered || (await isOnline()) !== false ? "tunnel service" : "our network";
  } catch {
    // Some systems do not let a process look at their network: then nobody can tell.
    return "tunnel service";
  }
}

function isNameTaken(error: unknown): boolean {
  return error instanceof TunnelError && error.code === "ERR_SUBDOMAIN_TAKEN";
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
