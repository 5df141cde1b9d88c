/** What the inspector's page and the process behind it say to each other. Types only: both ends compile by them. */
import type { Attempt, Delivery } from "../delivery/delivery.ts";
import type { FaultName } from "../kinde/faults.ts";
import type { JsonObject } from "../kinde/json.ts";

/** What the list shows of a delivery: its token, claims, headers and bodies are asked for when it is opened. */
export interface DeliverySummary extends Pick<
  Delivery,
  | "id"
  | "direction"
  | "webhookId"
  | "endpoint"
  | "event"
  | "state"
  | "nextAttemptAt"
  | "failedReason"
  | "createdAt"
> {
  /** ISO 8601 UTC; the list stands in its order. */
  readonly changedAt: string;
  readonly verification: Delivery["verification"]["status"];
  readonly attempts: number;
  /** Of the latest attempt; `null` before the first. */
  readonly latest: {
    readonly status: number | null;
    readonly error: string | null;
    readonly durationMs: number;
  } | null;
  /** E-mail addresses and organizations that the event tells of, to be searched. */
  readonly about: readonly string[];
  readonly isCopy?: true;
  readonly isShielded?: true;
  readonly isRedacted?: true;
  readonly fault?: FaultName;
  readonly verdict?: NonNullable<Delivery["verdict"]>;
}

/** One delivery, opened: `GET /_devhook/api/deliveries/<id>`. */
export interface DeliveryDetail {
  readonly delivery: Delivery;
  /** The token's header; `null` for what is no token, or was not kept. */
  readonly header: JsonObject | null;
  readonly claims: JsonObject | null;
  /** Which key signed it, and whose it is. */
  readonly signer: "kinde" | "local" | null;
  /** What each attempt's answer probably means, by its number. */
  readonly hints: readonly { readonly number: number; readonly message: string }[];
  /** When attempts are due, those of the past too. */
  readonly ladder: readonly LadderStep[];
}

/** One attempt on the retry ladder. */
export interface LadderStep {
  readonly number: number;
  /** ISO 8601 UTC; `null` when nobody can tell. */
  readonly at: string | null;
  readonly state: "done" | "next" | "planned";
  readonly status: Attempt["status"];
  /** By our reading of Kinde's schedule: it attempts, not we. */
  readonly isAbout: boolean;
}

/** How the process behind the page is: `GET /_devhook/api/status`. */
export interface Status {
  readonly name: "kinde-devhook";
  readonly version: string;
  readonly command: "tunnel" | "mock";
  readonly pid: number;
  readonly startedAt: string;
  /** Differs in every process: the page knows by it that another has taken over. */
  readonly runId: string;
  readonly localIssuer: string;
  readonly realIssuer: string | null;
  readonly tunnel: {
    readonly publicUrl: string;
    /** What to register at Kinde: the public URL with the handler's path. */
    readonly endpoint: string;
    readonly state: "up" | "down" | "reconnecting";
    /** Why it is not up, in words; `null` when it is. */
    readonly reason: string | null;
    /** ISO 8601 UTC. */
    readonly since: string;
  } | null;
  /** Of the apps that webhooks are forwarded to, as far as is known. */
  readonly apps: readonly { readonly origin: string; readonly isListening: boolean | null }[];
  /** Where an event goes that is emitted from the page; empty when that must be said. */
  readonly endpoints: readonly string[];
  /** Forwarding is paused: Kinde gets 503, and tries again. */
  readonly isPaused: boolean;
  readonly isRedacted: boolean;
  /** Answered 200 already, and still to be delivered; `null` without a shield. */
  readonly shielded: number | null;
  /** What a tunnel has not let in, and so is no delivery; `null` as long as there was none. */
  readonly refused: {
    readonly count: number;
    /** Of the latest; ISO 8601 UTC. */
    readonly at: string;
    readonly code: string;
    /** In a sentence. */
    readonly reason: string;
  } | null;
  /** Of a mock. */
  readonly webhooks: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly eventTypes: readonly string[];
    readonly isDisabled: boolean;
  }[];
  /** The time by which a mock's retries fall due, ISO 8601 UTC; `null` where there is no such clock. */
  readonly now: string | null;
}

/** An event type with its sample: `GET /_devhook/api/event-types`. */
export interface EventSample {
  readonly type: string;
  readonly category: string;
  readonly description: string;
  readonly confidence: string;
  readonly data: JsonObject;
}

/** What the page sends to `POST /_devhook/api/deliveries/<id>/replay`. */
export interface ReplayRequest {
  readonly to?: string;
  readonly set?: JsonObject;
  readonly unset?: readonly string[];
  readonly claims?: JsonObject;
  readonly fresh?: boolean;
  readonly sameId?: boolean;
}

/** What it gets. */
export interface ReplayAnswer {
  /** After its attempt. */
  readonly delivery: Delivery;
  /** What needed a new signature; empty when the bytes are those that were recorded. */
  readonly changes: readonly string[];
}

/**
 * `/_devhook/live`, a WebSocket: the page says nothing, and offers the subprotocols `kinde-devhook` and the control token.
 * First `hello`, then the deliveries there are in parts, the latest first, then what changes.
 */
export type LiveMessage =
  | { readonly kind: "hello"; readonly status: Status }
  | {
      readonly kind: "deliveries";
      readonly deliveries: readonly DeliverySummary[];
      /** Whether these were the last of those that there were before. */
      readonly isLast: boolean;
    }
  | { readonly kind: "delivery"; readonly delivery: DeliverySummary }
  | { readonly kind: "status"; readonly status: Status }
  /** The history was cleared. */
  | { readonly kind: "cleared" };

/** How many deliveries the page is given at its beginning. */
export const liveDeliveries = 10_000;
