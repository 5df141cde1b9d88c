import { expect, test } from "vitest";
import type { Attempt } from "../../src/delivery/delivery.ts";
import { meetsExpectation } from "../../src/delivery/meets-expectation.ts";
import { sampleAttempt } from "./sample-delivery.ts";

const statuses = [199, 200, 201, 204, 302, 399, 400, 401, 415, 499, 500, 503];

test.each([
  ["accept", [200], []],
  ["refuse", [400, 401, 415, 499], []],
  ["either", [200, 400, 401, 415, 499], []],
  ["survive", [400, 401, 415, 499], ["ERR_CUT_ON_PURPOSE"]],
] as const)("%s is met by %j, and by these errors: %j", (expects, met, errors) => {
  expect(statuses.filter((status) => meetsExpectation(sampleAttempt({ status }), expects))).toEqual(met);
  const codes = ["ERR_CUT_ON_PURPOSE", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_CLOSED", "ERR_TIMEOUT"];
  expect(codes.filter((code) => meetsExpectation(failedWith(code), expects))).toEqual(errors);
});

function failedWith(code: string): Attempt {
  return sampleAttempt({ status: null, response: null, error: { code, message: "" } });
}
