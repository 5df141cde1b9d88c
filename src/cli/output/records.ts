/** The records of `--json`: one object a line. Scripts rely on their names. */
import type { AppChange } from "../../app/app-health.ts";
import type { EmissionSummary } from "../../app/delivery-tally.ts";
import { claimsOf } from "../../delivery/claims-of.ts";
import { cutBody, isBodyLong } from "../../delivery/cut-body.ts";
import { deliveryJson, withMember } from "../../delivery/delivery-json.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { FaultName } from "../../kinde/faults.ts";
import type { EventFixture } from "../../kinde/event-types.ts";
import type { Expected } from "../../relay/kinde-outlook.ts";
import type { IssuerKey } from "../../kinde/key-set.ts";
import type { TunnelChange } from "../../tunnel/outage.ts";
import { escapeInJson, stringifyLine } from "./text.ts";

export type OutputRecord =
  | ReadyRecord
  | DeliveryRecord
  | ReplayRecord
  | ClearedRecord
  | {
      readonly record: "skipped";
      readonly webhookId: string | null;
      readonly event: { readonly type: string } | null;
      readonly reason: string;
    }
  | {
      readonly record: "refused";
      readonly code: string;
      readonly reason: string;
      readonly method: string | null;
      readonly path: string | null;
      /** `null` when the connection was ended without an answer. */
      readonly status: number | null;
    }
  | TunnelRecord
  | ({ readonly record: "app" } & AppChange)
  | { readonly record: "warning"; readonly code: `WARN_${string}`; readonly message: string }
  | ({ readonly record: "summary" } & EmissionSummary)
  | ({ readonly record: "event_type" } & EventFixture)
  | KeyRecord
  | CheckRecord
  | KindeRecord
  | { readonly record: "exit"; readonly code: number; readonly reason: string; readonly message?: string };

/** A delivery that is about to be sent again. */
export interface ReplayRecord {
  readonly record: "replay";
  /** The new delivery. */
  readonly id: string;
  /** The one that was recorded, and when it was made. */
  readonly of: string;
  readonly createdAt: string;
  readonly eventType: string | null;
  readonly endpoint: string;
  /** What needed a new signature: `fresh`, `set user.email`. Empty: the bytes are those that were recorded. */
  readonly changes: readonly string[];
  /** Whose key has signed what is sent; `null` where that is not known, or nobody's. */
  readonly signer: "kinde" | "local" | null;
  readonly kid: string | null;
  readonly isSameId: boolean;
  readonly fault: FaultName | null;
}

/** The history was cleared. */
export interface ClearedRecord {
  readonly record: "cleared";
  /** How many there were; `null` where a file could not be read. */
  readonly deliveries: number | null;
  readonly directory: string;
}

/** What became of a tunnel that was up. */
export type TunnelRecord = { readonly record: "tunnel" } & TunnelChange;

/** What Kinde is to be expected to do now that the tunnel ends; times are about. */
export interface KindeRecord {
  readonly record: "kinde";
  /** The URL that it goes on calling. */
  readonly url: string;
  /** Whether anything of Kinde's ever came there, as far as is known. */
  readonly isCalled: boolean;
  /** How many events it tries again. */
  readonly failing: number;
  readonly nextAttemptAt: string | null;
  readonly failingSince: string | null;
  /** From when on a failure disables the webhook, unless something is delivered before. */
  readonly disabledAt: string | null;
}

/** A key of the project; `privateJwk` only where it was asked for. */
export type KeyRecord = { readonly record: "key" } & IssuerKey & { readonly privateJwk?: object };

/** What a check has found. */
export interface CheckRecord {
  readonly record: "check";
  readonly case: string;
  readonly verdict: "pass" | "warn" | "fail" | "skip";
  readonly message: string;
  /** What to do about it. */
  readonly advice: string | null;
  /** Of `warn` and `fail` alone. */
  readonly code: `WARN_${string}` | `ERR_${string}` | null;
}

/** A webhook sent now arrives. */
export interface ReadyRecord {
  readonly record: "ready";
  readonly publicUrl: string | null;
  readonly intake: string | null;
  readonly probed: boolean;
  readonly issuer: string | null;
  readonly localIssuer: string;
  readonly jwksUrl: string;
  /** The CA by which the local issuer is also `https://localhost`; `null` when there is none. */
  readonly caFile: string | null;
  /** A URL that opens the inspector, once; `null` when there is none. */
  readonly inspector: string | null;
  readonly forward: readonly string[];
  /** Webhooks are answered 200 at once, and brought to the app from here. */
  readonly shield?: true;
  /** Personal values are masked in what is shown and kept, and no token is. */
  readonly redact?: true;
  /** The webhooks of a mock. */
  readonly webhooks?: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly eventTypes: readonly string[];
  }[];
}

export type DeliveryRecord = {
  readonly record: "delivery";
  readonly hint?: string;
  /** Of one that Kinde tries again: what is to be expected. Not what we plan, which is `nextAttemptAt`. */
  readonly expected?: Expected;
} & Omit<Delivery, "token"> & {
    readonly token?: string;
  };

/** The record of a delivery: bodies cut at 1 KiB, the token only where it was asked for. */
export function deliveryRecord(
  delivery: Delivery,
  hint: string | undefined,
  withToken: boolean,
  expected?: Expected,
): DeliveryRecord {
  const { token, ...rest } = delivery;
  return {
    record: "delivery",
    ...rest,
    ...(withToken && { token }),
    attempts: delivery.attempts.map(cutBody),
    ...(hint !== undefined && { hint }),
    ...(expected !== undefined && { expected }),
  };
}

/** One delivery with all that is known of it: its claims, and what the app said in full. */
export function deliveryDetail(delivery: Delivery, withToken: boolean): DeliveryRecord {
  const { token, ...rest } = delivery;
  const claims = claimsOf(delivery);
  return {
    record: "delivery",
    ...rest,
    ...(claims !== undefined && { claims }),
    ...(withToken && { token }),
  };
}

/** The line of a delivery's record, as `deliveryRecord` has it. */
export function deliveryLine(
  delivery: Delivery,
  hint: string | undefined,
  withToken: boolean,
  expected?: Expected,
): string {
  const at = new Date().toISOString();
  if (withToken || expected !== undefined || delivery.attempts.some(isBodyLong)) {
    const { record, ...rest } = deliveryRecord(delivery, hint, withToken, expected);
    return stringifyLine({ record, at, ...rest });
  }
  const json = hint === undefined ? deliveryJson(delivery) : withMember(deliveryJson(delivery), "hint", hint);
  return escapeInJson(`{"record":"delivery","at":"${at}",${json.slice(1)}`);
}
