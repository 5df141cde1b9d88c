import type { RunningMock } from "../../app/open-mock.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import type { ReadyRecord } from "./records.ts";

/** What programs are told of a mock that has begun to serve. @param realIssuer whose keys it serves too */
export function mockReadyRecord({ issuer, webhooks }: RunningMock, realIssuer?: string): ReadyRecord {
  return {
    record: "ready",
    publicUrl: null,
    intake: null,
    probed: false,
    issuer: realIssuer ?? null,
    localIssuer: issuer,
    jwksUrl: `${issuer}${jwksPaths[0]}`,
    forward: [],
    webhooks: webhooks.map(({ id, endpoint, eventTypes }) => ({ id, endpoint, eventTypes })),
  };
}
