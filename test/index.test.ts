import { expect, test } from "vitest";
import * as library from "../src/index.ts";

test("the library exports this, and nothing by accident", () => {
  expect(Object.keys(library).sort()).toEqual([
    "DevhookError",
    "InvalidJwksError",
    "InvalidOptionError",
    "InvalidPathError",
    "InvalidSigningKeyError",
    "JwksUnreachableError",
    "MockClosedError",
    "MockResetError",
    "NoWebhookError",
    "NotAnEventError",
    "PortForbiddenError",
    "PortTakenError",
    "UnknownEventTypeError",
    "VitestTooOldError",
    "WaitTimeoutError",
    "WebhookDisabledError",
    "createEvent",
    "createLocalJwks",
    "createRemoteJwks",
    "createSigningKey",
    "decodeToken",
    "eventFixture",
    "eventTypes",
    "exportPrivateJwk",
    "importSigningKey",
    "isEventOfType",
    "isUserError",
    "retrySchedule",
    "signEvent",
    "startMockKinde",
    "verifyToken",
  ]);
});
