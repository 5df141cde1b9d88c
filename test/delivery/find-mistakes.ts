import { meetsExpectation } from "../../src/delivery/meets-expectation.ts";
import { faults, type FaultName } from "../../src/kinde/faults.ts";
import { sendFault } from "./send-fault.ts";

/**
 * Sends every fault of the catalogue in turn.
 * @returns those that the handler did not answer as a correct one does, or after which it answered no more
 */
export async function findMistakes(url: URL): Promise<FaultName[]> {
  const mistaken: FaultName[] = [];
  for (const { name, expects } of faults) {
    const attempts = await sendFault(url, name);
    const isMet = attempts.every((attempt) => meetsExpectation(attempt, expects));
    const [next] = expects === "survive" ? await sendFault(url, "stale-timestamp") : [];
    if (!isMet || next?.error) mistaken.push(name);
  }
  return mistaken;
}
