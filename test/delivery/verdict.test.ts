import { expect, test } from "vitest";
import { judgeAnswers } from "../../src/delivery/verdict.ts";
import { faultOf, type FaultName } from "../../src/kinde/faults.ts";

const statuses = [null, 199, 200, 201, 204, 302, 399, 400, 401, 415, 499, 500, 503];

test.each<[FaultName, string, (number | null)[]]>([
  ["stale-timestamp", "accept", [200]],
  ["bad-signature", "refuse", [400, 401, 415, 499]],
  ["missing-kid", "either", [200, 400, 401, 415, 499]],
])("%s is to %s: these pass alone, %j", (fault, expects, passing) => {
  expect(faultOf(fault).expects).toBe(expects);
  expect(statuses.filter((status) => judgeAnswers(fault, [status]) === "pass")).toEqual(passing);
});

test.each<[string, (number | null)[], string]>([
  ["gives the half no answer, and takes the whole", [null, 200], "pass"],
  ["refuses the half by its headers, and takes the whole", [400, 200], "pass"],
  ["takes the half for the whole", [200, 200], "fail"],
  ["is gone after the half", [null, null], "fail"],
  ["refuses the whole as well", [null, 400], "fail"],
  ["has not been sent the whole", [null], "fail"],
])("of a cut body an app that %s: %j is a %s", (_, answers, verdict) => {
  expect(judgeAnswers("cut-body", answers)).toBe(verdict);
});
