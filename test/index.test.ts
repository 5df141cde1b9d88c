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
    "KeySignsError",
    "MockClosedError",
    "MockResetError",
    "NoWebhookError",
    "NotAnEventError",
    "PortForbiddenError",
    "PortTakenError",
    "UnknownEventTypeError",
    "UnknownKeyError",
    "VitestTooOldError",
    "WaitTimeoutError",
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
    "signEvent",
    "startMockKinde",
    "verifyToken",
  ]);
});
