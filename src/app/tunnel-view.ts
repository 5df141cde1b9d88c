/** What the control API and the inspector know of a tunnel, and can have it do. */
import { deliveredStatus, type Delivery } from "../delivery/delivery.ts";
import { redactDelivery } from "../delivery/redact-delivery.ts";
import type { MockControl } from "../issuer/routes/mock-control.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import type { AppHealth } from "./app-health.ts";
import { createDescriber } from "./describer.ts";
import type { LocalIssuerOptions } from "./local-issuer.ts";
import { createOwnDeliveries } from "./own-deliveries.ts";
import { createProjectView, type ProjectView } from "./project-view.ts";
import { redactListener } from "./redact-listener.ts";
import { createReplayer, type Replayer } from "./replayer.ts";
import type { StartTunnelOptions, TunnelListener } from "./start-tunnel-options.ts";
import { createTunnelStatus } from "./tunnel-status.ts";

export interface TunnelView {
  readonly view: ProjectView;
  /** What the control API answers beside. */
  readonly control: NonNullable<LocalIssuerOptions["control"]>;
  readonly replay: Replayer["replay"];
  /** Tells whoever is given as well as the view. */
  watch(listener: TunnelListener): TunnelListener;
  /** From now on its status is known. */
  connect(parts: TunnelParts): void;
  /** The tunnel is open. @param publicUrl its origin */
  opened(publicUrl: string): void;
  /** What is under way of its own has `graceMs` to end, then it is cut off. */
  close(graceMs: number): Promise<void>;
}

/** Asked for each time. */
export interface TunnelParts {
  readonly apps: AppHealth["list"];
  readonly isPaused: () => boolean;
  /** What was taken over, and is still to be delivered; `undefined` without a shield. */
  readonly shielded: () => readonly Delivery[] | undefined;
}

/** @param hasServedJwks whether anybody has asked for the JWKS here */
export function createTunnelView(
  options: StartTunnelOptions,
  blended: BlendedJwks,
  hasServedJwks: () => boolean | undefined,
): TunnelView {
  const { history, clock, issuerPort, shielding, listener, inspector, isRedacted } = options;
  const shown = (delivery: Delivery): Delivery => (isRedacted ? redactDelivery(delivery) : delivery);
  const localIssuer = `http://localhost:${issuerPort}`;
  let parts: TunnelParts | undefined;
  const status = createTunnelStatus({
    ...options,
    localIssuer,
    now: clock.now,
    current: () => ({
      apps: parts?.apps() ?? [],
      isPaused: parts?.isPaused() ?? false,
      isRedacted,
      shielded: parts?.shielded()?.length ?? null,
    }),
  });
  const view = createProjectView({ history, shown, status });
  const onOwn = (delivery: Delivery): void => {
    listener.onOwn(shown(delivery));
    view.note(shown(delivery));
  };
  const own = createOwnDeliveries({ ...options, issuer: localIssuer, onChange: onOwn });
  const replayer = createReplayer(() => ({
    ...options,
    keys: blended,
    issuer: localIssuer,
    onWarning: listener.onReplayWarning,
    onChange: onOwn,
  }));
  const describe = createDescriber(() => ({
    ...options,
    schedule: shielding.schedule,
    now: clock.now,
    hintContext: {
      localIssuer,
      hasFetchedJwks: hasServedJwks(),
      expectedStatus: deliveredStatus,
      endpointOption: "--forward",
      appIssuer: inspector?.appIssuer(),
    },
  }));
  const emit: MockControl["emit"] = async (...order) => {
    const { deliveries, ended } = await own.emit(...order);
    return { deliveries: deliveries.map(shown), ended: async () => (await ended()).map(shown) };
  };
  const replay: Replayer["replay"] = async (recorded, edits, onBegun) => {
    const { delivery, changes } = await replayer.replay(recorded, edits, (begun, ...rest) =>
      onBegun?.(shown(begun), ...rest),
    );
    return { delivery: shown(delivery), changes };
  };
  const underWay = (): readonly Delivery[] => [...(parts?.shielded() ?? []), ...view.underWay()];
  return {
    view,
    control: { describe, shown, emit, replay, status, underWay },
    replay,
    watch: (told) => {
      const noted: TunnelListener = {
        ...told,
        keep: (delivery) => {
          told.keep(delivery);
          view.note(delivery);
        },
        onBegin: (attempt) => {
          told.onBegin(attempt);
          // Of a retry the history has what came before.
          if (attempt.number === 1) view.note(attempt.delivery());
        },
        onTaken: (delivery) => {
          told.onTaken?.(delivery);
          view.note(delivery);
          view.noteStatus();
        },
        onShielded: (delivery) => {
          told.onShielded(delivery);
          view.note(delivery);
          view.noteStatus();
        },
        onResume: (deliveries) => {
          told.onResume(deliveries);
          for (const delivery of deliveries) view.note(delivery);
        },
        onRefused: (refused) => {
          told.onRefused(refused);
          status.refused(refused);
          view.noteStatus();
        },
        onChange: (change) => {
          told.onChange(change);
          status.changed(change);
          view.noteStatus();
        },
      };
      return isRedacted ? redactListener(noted) : noted;
    },
    connect: (connected) => {
      parts = connected;
    },
    opened: (publicUrl) => {
      status.opened(publicUrl);
      view.noteStatus();
    },
    close: async (graceMs) => {
      await Promise.all([own.close(graceMs), replayer.close(graceMs)]);
    },
  };
}
