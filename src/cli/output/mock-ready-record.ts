import type { RunningMock } from "../../app/open-mock.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import type { ReadyRecord } from "./records.ts";

export interface MockReadiness {
  /** Whose keys it serves too. */
  readonly realIssuer?: string | undefined;
  /** Where its CA is; `null` when it is in no file. */
  readonly caFile: string | null;
  /** A URL that opens the inspector, once; `null` when there is none. */
  readonly inspector: string | null;
}

/** What programs are told of a mock that has begun to serve. */
export function mockReadyRecord(
  { issuer, webhooks }: RunningMock,
  { realIssuer, caFile, inspector }: MockReadiness,
): ReadyRecord {
  return {
    record: "ready",
    publicUrl: null,
    intake: null,
    probed: false,
    issuer: realIssuer ?? null,
    localIssuer: issuer,
    jwksUrl: `${issuer}${jwksPaths[0]}`,
    caFile,
    inspector,
    forward: [],
    webhooks: webhooks.map(({ id, endpoint, eventTypes }) => ({ id, endpoint, eventTypes })),
  };
}
