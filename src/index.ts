// The types rest on Node's, which TypeScript 6 and newer load only where they are asked for.
/// <reference types="node" preserve="true" />
export {
  DevhookError,
  InvalidOptionError,
  InvalidPathError,
  isUserError,
  UnknownEventTypeError,
} from "./kinde/errors.ts";
export type * from "./kinde/event-data.ts";
export { eventFixture, eventTypes, type Confidence, type EventFixture } from "./kinde/event-types.ts";
export {
  isEventOfType,
  NotAnEventError,
  type CreateEventOptions,
  type EventSource,
  type KindeEvent,
  type ReceivedEvent,
} from "./kinde/events.ts";
export { KeySignsError, UnknownKeyError } from "./kinde/key-set.ts";
export { createLocalJwks, InvalidJwksError, type Jwks, type KeySource } from "./kinde/jwks.ts";
export type { JsonObject, JsonValue } from "./kinde/json.ts";
export type { Assignments, DeepPartial, OverrideWarning, Overrides } from "./kinde/overrides.ts";
export { faults, UnknownFaultError, type Expectation, type Fault, type FaultName } from "./kinde/faults.ts";
export { retrySchedule, type RetrySchedule } from "./kinde/retry-schedule.ts";
export { signEvent } from "./kinde/sign.ts";
export {
  createSigningKey,
  exportPrivateJwk,
  importSigningKey,
  InvalidSigningKeyError,
  type PublicJwk,
  type SigningKey,
} from "./kinde/signing-key.ts";
export {
  decodeToken,
  type Verification,
  type VerificationErrorCode,
  type VerifiedToken,
} from "./kinde/verify.ts";
export {
  createRemoteJwks,
  JwksUnreachableError,
  type RemoteJwks,
  type RemoteJwksOptions,
} from "./trust/remote-jwks.ts";
export type { Attempt, Delivery, DeliveredEvent, FailedReason } from "./delivery/delivery.ts";
export type { Verdict } from "./delivery/verdict.ts";
export type { RegisteredWebhook, Webhook } from "./kinde/webhook.ts";
export { NoWebhookError, WebhookDisabledError } from "./mock/errors.ts";
export { PortForbiddenError, PortTakenError } from "./app/port-holder.ts";
export { createEvent, type EventOrigin } from "./testing/create-event.ts";
export { MockClosedError, MockResetError, VitestTooOldError, WaitTimeoutError } from "./testing/errors.ts";
export type {
  ClientOptions,
  CreateRequestOptions,
  EmitOptions,
  EventTypePattern,
  MockClock,
  MockKinde,
  RateLimitOptions,
  MockTls,
  StartMockKindeOptions,
  WaitForOptions,
  WebhookOptions,
} from "./testing/mock-kinde.ts";
export { startMockKinde } from "./testing/start-mock-kinde.ts";
export { verifyToken, type VerifyTokenOptions } from "./testing/verify-token.ts";
