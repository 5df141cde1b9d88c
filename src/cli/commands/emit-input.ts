import type { Forward } from "../../delivery/forward.ts";
import type { EventType } from "../../kinde/event-data.ts";
import type { FaultName } from "../../kinde/faults.ts";
import type { RotatableKeys } from "../../kinde/signing-keys.ts";
import type { EmitRequest } from "../../mock/mock.ts";
import type { Context } from "../command.ts";
import type { PrintFormat } from "../output/webhook-request.ts";

/** What `emit` was asked for, read and checked. */
export interface EmitInput {
  readonly eventTypes: readonly EventType[];
  readonly request: Omit<EmitRequest, "type">;
  readonly values: EmitOptions;
  readonly waitOn: WaitOn | undefined;
  /** Whose keys are served beside ours; `null` when none is named anywhere. */
  readonly realIssuer: string | null;
  /** The project's, made now if there is none. */
  readonly loadSigningKeys: () => Promise<RotatableKeys>;
  readonly context: Context;
}

/** The options that decide how it is delivered or printed. Times in milliseconds. */
export interface EmitOptions {
  readonly to: readonly Forward[];
  readonly count: number;
  /** Events begun per second. */
  readonly rate: number | undefined;
  readonly concurrency: number;
  readonly print: PrintFormat | undefined;
  /** The status that counts as delivered. Default 200. */
  readonly expect: number | undefined;
  readonly fault: FaultName | undefined;
  readonly retries: boolean;
  /** How many times as fast as the clock retries come. */
  readonly speed: number | undefined;
  /** Whether the command line itself says so. */
  readonly isSpeedAsked: boolean;
  readonly timeout: number | undefined;
  readonly "issuer-port": number;
  readonly "json-token": boolean;
}

/** `--wait-on`. */
export interface WaitOn {
  /** What to wait for; the endpoints themselves without it. */
  readonly url: URL | undefined;
  /** Event types that stood behind it on the command line. */
  readonly words: readonly string[];
}
