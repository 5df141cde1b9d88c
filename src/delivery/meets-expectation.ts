import type { Expectation } from "../kinde/faults.ts";
import { deliveredStatus, type Attempt } from "./delivery.ts";

/**
 * Whether an attempt under a fault ended as it does with a correct handler, as far as its answer tells: that nothing
 * was done, or done once, is for the app to know.
 */
export function meetsExpectation(
  { status, error }: Pick<Attempt, "status" | "error">,
  expects: Expectation,
): boolean {
  const isAccepted = status === deliveredStatus;
  const isRefused = status !== null && status >= 400 && status < 500;
  return {
    accept: isAccepted,
    refuse: isRefused,
    either: isAccepted || isRefused,
    // An app may refuse by the headers alone, before the connection is cut.
    survive: error?.code === "ERR_CUT_ON_PURPOSE" || isRefused,
  }[expects];
}
