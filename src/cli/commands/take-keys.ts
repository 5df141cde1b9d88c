/** The keys of a tunnel or a mock at its terminal. */
import type { RunningTunnel } from "../../app/start-tunnel-options.ts";
import type { History } from "../../history/history.ts";
import type { RotatableKeys } from "../../kinde/signing-keys.ts";
import { isAtTerminal } from "../at-terminal.ts";
import type { Context } from "../command.ts";
import type { StartKeysOptions } from "../keys/start-keys.ts";
import { describeDelivery } from "../output/describe-delivery.ts";
import { createReplayRecord } from "../output/replay-record.ts";

export interface TakeKeysOptions extends Pick<StartKeysOptions, "forwarding" | "beforeOutput"> {
  /** A delivery as it may be shown. Default: as it is. */
  readonly shown?: StartKeysOptions["shown"] | undefined;
  readonly running: Pick<RunningTunnel, "replay" | "inspectorUrl">;
  readonly localIssuer: string;
  readonly history: Pick<History, "list">;
  readonly signingKeys: Pick<RotatableKeys, "list">;
  readonly context: Context;
}

/** From now on until the command is asked to stop; none where nobody could press them. */
export async function takeKeys(options: TakeKeysOptions): Promise<void> {
  const { running, localIssuer, history, signingKeys, context } = options;
  const { reporter, interruption, settings } = context;
  if (!isAtTerminal(reporter)) return;
  const { startKeys } = await import("../keys/start-keys.ts");
  if (interruption.stop.aborted) return;
  const isOwnKey = (kid: string): boolean => signingKeys.list().some((key) => key.kid === kid);
  startKeys({
    ...options,
    shown: options.shown ?? ((delivery) => delivery),
    latest: async () => (await history.list({ limit: 1 }))[0],
    whenNone: "There is no delivery yet: `npx kinde-devhook emit user.created` makes one.",
    replay: async (delivery) => {
      await running.replay(delivery, {}, (begun, changes) => {
        options.beforeOutput?.();
        reporter.record(createReplayRecord(delivery, begun, { changes, isSameId: false, isOwnKey }));
      });
    },
    describe: (delivery) =>
      describeDelivery(delivery, {
        paint: reporter.paint,
        isOwnKey,
        localIssuer,
        appIssuer: settings.variable("KINDE_ISSUER_URL"),
      }),
    inspectorUrl: running.inspectorUrl,
  });
}

/** What of a tunnel can be paused. @param isShielded whether it takes webhooks over meanwhile */
export function forwardingOf(tunnel: RunningTunnel, isShielded: boolean): TakeKeysOptions["forwarding"] {
  const { isPaused, pause, resume } = tunnel;
  return { isPaused, pause, resume, kept: () => (isShielded ? tunnel.shielded().length : undefined) };
}
