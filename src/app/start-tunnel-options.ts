/** What a tunnel is started with, what it tells, and what there is of it once it runs. */
import type { Clock } from "../delivery/clock.ts";
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import type { Forward } from "../delivery/forward.ts";
import type { HintContext } from "../delivery/hints.ts";
import type { History } from "../history/history.ts";
import type { RotatableKeys } from "../kinde/signing-keys.ts";
import type { Project } from "../project/directory.ts";
import type { IntakeOptions } from "../relay/intake.ts";
import type { Expected, Failing } from "../relay/kinde-outlook.ts";
import type { RelayOptions } from "../relay/relay.ts";
import type { SupervisorOptions } from "../tunnel/supervisor.ts";
import type { TunnelProvider } from "../tunnel/tunnel.ts";
import type { AppHealthOptions } from "./app-health.ts";
import type { Shielding, ShieldListener } from "./open-shield.ts";
import type { Replayer, ReplayerOptions } from "./replayer.ts";

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
  readonly shielding: Shielding;
  /** What is told has its personal values masked, and no token; what is kept is the history's own affair. */
  readonly isRedacted: boolean;
  /** What the inspector is to know beside. Without it there is none. */
  readonly inspector?: { readonly appIssuer: () => HintContext["appIssuer"] } | undefined;
  /** Ends the wait for the tunnel. */
  readonly signal: AbortSignal;
  readonly listener: TunnelListener;
}

/** What happens, told as it happens. */
export interface TunnelListener
  extends
    Pick<RelayOptions, "onBegin" | "keep" | "onSkipped">,
    Pick<IntakeOptions, "onRefused" | "onFailure">,
    Pick<SupervisorOptions, "onRetry" | "onChange" | "onSlowDown">,
    ShieldListener {
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
  /** A delivery that is not relayed, emitted or replayed on somebody's behalf, has begun or ended. */
  readonly onOwn: (delivery: Delivery) => void;
  /** What a replay is warned of. */
  readonly onReplayWarning?: ReplayerOptions["onWarning"];
}

export interface RunningTunnel {
  /** As it is now: with `--any-subdomain` it may become another. */
  readonly publicUrl: URL;
  /** The name that a localtunnel server has given. */
  readonly name: string | undefined;
  /** `http://localhost:<port>`. */
  readonly intake: string;
  /** Whether nothing is passed on for now. */
  readonly isPaused: () => boolean;
  /** From now on what comes is answered 503, or only taken over (`--shield`); what is under way goes on. */
  readonly pause: () => void;
  /** Passes on again what comes, and what was taken over meanwhile. */
  readonly resume: () => void;
  /** Why the probe could not leave this machine, if it could not. */
  readonly blocked: string | undefined;
  readonly localIssuer: string;
  readonly hasServedJwks: () => boolean;
  /** Whether the real issuer's keys can be had, as far as is known. */
  readonly hasRealKeys: () => boolean;
  /** A URL that opens the inspector, once; each time another. `undefined` where there is none. */
  readonly inspectorUrl: (() => string) | undefined;
  /** Sends a recorded delivery again, once. */
  readonly replay: Replayer["replay"];
  /** From now on tells of apps that do not listen. */
  watchApps(): void;
  /** What Kinde has not got delivered here; to be asked after the end as well. */
  readonly failing: () => Failing;
  /** What was taken over from its sender, and is still to be delivered. */
  readonly shielded: () => readonly Delivery[];
  /** Takes no more webhooks; what is under way has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}
