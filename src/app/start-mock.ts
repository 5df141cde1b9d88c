/** The fake Kinde as a running process of a project: its other processes find it by its run file. */
import { randomBytes } from "node:crypto";
import { deliveredStatus, endDelivery, type Delivery } from "../delivery/delivery.ts";
import type { HintContext } from "../delivery/hints.ts";
import type { History } from "../history/history.ts";
import type { PendingFile } from "../history/pending-file.ts";
import { nextTurn } from "../net/next-turn.ts";
import type { Project } from "../project/directory.ts";
import type { BlendedJwks } from "../trust/blended-jwks.ts";
import { blendKeys } from "./blend-keys.ts";
import { createDescriber } from "./describer.ts";
import { serveIssuerAlone, type ServedIssuer } from "./local-issuer.ts";
import { createMockStatus } from "./mock-status.ts";
import { openMock, type OpenMockOptions, type RunningMock } from "./open-mock.ts";
import { createProjectView } from "./project-view.ts";

export interface StartMockOptions extends Omit<OpenMockOptions, "randomBytes" | "findToken" | "isKept"> {
  readonly project: Project;
  readonly history: History;
  /** What is pending when it ends, it leaves there; what others have left there, it goes on with. */
  readonly pending: PendingFile;
  readonly issuerPort: number;
  /** Whose keys are served beside ours, and whose the paths are that the mock has not. Default: nobody's. */
  readonly realIssuer?: string | undefined;
  /** Its keys can't be had. */
  readonly onJwksFailure?: (error: unknown) => void;
  /** Ends the wait for its keys. */
  readonly signal?: AbortSignal;
  /** Other processes can't be told of the webhooks that there are now. */
  readonly onAnnounceFailure?: (error: unknown) => void;
  /** Called with deliveries that were left pending, before it goes on with them or calls them off. */
  readonly onResume?: (deliveries: readonly Delivery[]) => void;
  /** Whether it goes on with these at all; else they are called off. Default: it does. */
  readonly isResuming?: boolean;
  /** Whether the inspector is served. Default: it is not. */
  readonly hasInspector?: boolean;
  /** What the app's own variable says, for the hints of the inspector. */
  readonly appIssuer?: () => HintContext["appIssuer"];
}

/** The mock of a project. */
export interface ProjectMock extends RunningMock {
  /** A URL that opens the inspector, once; each time another. `undefined` where there is none. */
  readonly inspectorUrl: (() => string) | undefined;
}

/**
 * Resolves when the real issuer's keys are there, or have failed.
 * @throws {OtherProjectError} `ERR_OTHER_PROJECT`
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 */
export async function startMock(options: StartMockOptions): Promise<ProjectMock> {
  const { clock, time, issuerPort, history, realIssuer } = options;
  const blend = openBlend(options);
  const localIssuer = `http://localhost:${issuerPort}`;
  const status = createMockStatus({
    localIssuer,
    realIssuer,
    startedAt: clock.now(),
    webhooks: () => running?.webhooks ?? [],
    now: time.now,
  });
  const view = createProjectView({ history, status });
  let served: ServedIssuer | undefined;
  let running: RunningMock | undefined;
  const mock: OpenMockOptions = {
    ...options,
    randomBytes,
    isKept: true,
    keys: blend?.keys,
    onWebhooksChange: (webhooks) => {
      view.noteStatus();
      // Another process emits through us as soon as there is a webhook.
      try {
        served?.announce(webhooks.map(({ endpoint }) => endpoint));
      } catch (error) {
        // The webhooks are there all the same.
        options.onAnnounceFailure?.(error);
      }
      options.onWebhooksChange?.(webhooks);
    },
    onChange: (delivery, isOnce) => {
      // One attempt is over before anything could be gone on with; whoever did would not know that it was to be the only one.
      if (!isOnce) options.pending.keep(delivery);
      options.onChange?.(delivery, isOnce);
      view.note(delivery);
    },
    onReset: () => {
      options.onReset?.();
      view.noteStatus();
    },
    // The history outlives the mock, and so do its events.
    findToken: async (eventId) => {
      // What the tunnel brought is Kinde's, and may not even have been verified.
      const isOfEvent = ({ event, direction }: Delivery): boolean =>
        event?.id === eventId && direction === "emitted";
      const delivery =
        // Not in the history yet: an app may ask for the event while it still handles it.
        running?.pending().find(isOfEvent) ??
        (await history.list({ limit: 1, where: isOfEvent, containing: JSON.stringify(eventId) }))[0];
      return delivery?.token;
    },
  };
  const describe = createDescriber(() => ({
    ...options,
    realIssuer,
    now: clock.now,
    hintContext: {
      localIssuer,
      hasFetchedJwks: served?.hasServedJwks(),
      expectedStatus: deliveredStatus,
      endpointOption: "--webhook",
      appIssuer: options.appIssuer?.(),
    },
  }));
  running = await openMock(mock, async ({ endpoints, control, routes, replay }) => {
    const advance: typeof control.advance = async (ms) => {
      await control.advance(ms);
      view.noteStatus();
    };
    const issuer = await serveIssuerAlone(
      {
        ...options,
        ...(blend !== undefined && { blended: blend.keys }),
        port: issuerPort,
        command: "mock",
        webhooks: endpoints,
        mock: { routes, control: { ...control, advance } },
        control: { describe, replay, status, underWay: () => [...control.pending(), ...view.underWay()] },
        view: options.hasInspector === true ? view : undefined,
      },
      clock,
    );
    served = issuer;
    return blend === undefined ? issuer : { ...issuer, close: (graceMs) => blend.close(issuer, graceMs) };
  });
  try {
    await blend?.keys.jwks();
    await nextTurn();
    const left = options.pending.claim();
    if (left.length > 0) options.onResume?.(left);
    if (options.isResuming === false) {
      for (const delivery of left) mock.onChange?.(endDelivery(delivery, "cancelled"), false);
    } else running.resume(left);
  } catch (error) {
    await running.close(0);
    throw error;
  }
  return Object.assign(running, { inspectorUrl: served?.inspectorUrl });
}

interface Blend {
  readonly keys: BlendedJwks;
  /** Closes the issuer that serves them. */
  close(issuer: ServedIssuer, graceMs: number | undefined): Promise<void>;
}

/** @returns `undefined` without a real issuer */
function openBlend(options: StartMockOptions): Blend | undefined {
  const { realIssuer, signal, onJwksFailure } = options;
  if (realIssuer === undefined) return undefined;
  const ended = new AbortController();
  const keys = blendKeys({
    ...options,
    realIssuer,
    signal: signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]),
    ...(onJwksFailure !== undefined && { onFailure: onJwksFailure }),
  });
  return {
    keys,
    close: async (issuer, graceMs) => {
      ended.abort();
      await issuer.close(graceMs);
    },
  };
}
