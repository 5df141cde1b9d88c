import { faultOf, type Expectation, type FaultName } from "../kinde/faults.ts";

/** Whether a delivery with a fault ended as it does with a correct handler, as far as its answers tell. */
export type Verdict = "pass" | "fail";

/**
 * Judges by status: that nothing was done, or done once, is for the app's own data to show.
 * @param statuses of the attempts, in their order; `null` for one without an answer
 */
export function judgeAnswers(fault: FaultName, statuses: readonly (number | null)[]): Verdict {
  const isRight = fault === "cut-body" ? standsCut(statuses) : isMet(faultOf(fault).expects, statuses.at(-1));
  return isRight ? "pass" : "fail";
}

/** The half was not taken for the whole, and the whole was taken after it. */
function standsCut([half, whole]: readonly (number | null)[]): boolean {
  return half !== 200 && whole === 200;
}

function isMet(expects: Expectation, status: number | null | undefined): boolean {
  const isAccepted = status === 200;
  const isRefused = typeof status === "number" && status >= 400 && status < 500;
  return { accept: isAccepted, refuse: isRefused, either: isAccepted || isRefused }[expects];
}
