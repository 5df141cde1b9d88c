import { expect, test } from "vitest";
import {
  InvalidOptionError,
  InvalidPathError,
  isUserError,
  UnknownEventTypeError,
} from "../../src/kinde/errors.ts";
import { NotAnEventError } from "../../src/kinde/events.ts";
import { UnknownFaultError } from "../../src/kinde/faults.ts";
import { InvalidJwksError } from "../../src/kinde/jwks.ts";
import { JwksUnreachableError } from "../../src/trust/remote-jwks.ts";

test.each([
  { error: new InvalidOptionError("--count", "a number", '"x"'), code: "ERR_INVALID_OPTION", exitCode: 2 },
  { error: new UnknownEventTypeError("user.x", "user.y"), code: "ERR_UNKNOWN_EVENT_TYPE", exitCode: 2 },
  { error: new UnknownFaultError("alg-non", "alg-none"), code: "ERR_UNKNOWN_FAULT", exitCode: 2 },
  { error: new InvalidPathError("a..b", "it is empty", "Fill it."), code: "ERR_INVALID_PATH", exitCode: 2 },
  { error: new NotAnEventError({ type: "user.created" }), code: "ERR_NOT_AN_EVENT", exitCode: 2 },
  { error: new InvalidJwksError("https://acme.kinde.com", "x"), code: "ERR_JWKS_INVALID", exitCode: 3 },
  {
    error: new JwksUnreachableError("https://acme.kinde.com", "x"),
    code: "ERR_JWKS_UNREACHABLE",
    exitCode: 3,
  },
])(
  "$code is the user's to mend, named after its class, and exits with $exitCode",
  ({ error, ...expected }) => {
    expect(error).toMatchObject({ ...expected, name: error.constructor.name });
    expect(isUserError(error)).toBe(true);
    expect(error.message).toMatch(/^Failed to .*[.?]$/);
  },
);

test("a bug is no user error", () => {
  expect(isUserError(new TypeError("x is not a function"))).toBe(false);
  expect(isUserError({ code: "ERR_INVALID_OPTION" })).toBe(false);
});

test("an option error says what was expected and what was got", () => {
  const error = new InvalidOptionError("--timeout", "a duration", '"soon"', "For example: 10s.");
  expect(error).toMatchObject({ option: "--timeout", expected: "a duration", got: '"soon"' });
  expect(error.message).toBe('Failed to read --timeout: expected a duration, got "soon". For example: 10s.');
});

test("an unknown event type is told with the nearest, if there is one", () => {
  expect(new UnknownEventTypeError("user.create", "user.created").message).toContain(
    'Did you mean "user.created"?',
  );
  expect(new UnknownEventTypeError("x", undefined).message).not.toContain("Did you mean");
});
