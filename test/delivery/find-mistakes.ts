import { judgeAnswers } from "../../src/delivery/verdict.ts";
import { faultNames, type FaultName } from "../../src/kinde/faults.ts";
import { sendFault } from "./send-fault.ts";

/**
 * Sends every fault of the catalogue in turn.
 * @returns those that the handler did not answer as a correct one does, or after which it answered no more
 */
export async function findMistakes(url: URL): Promise<FaultName[]> {
  const mistaken: FaultName[] = [];
  for (const name of faultNames) {
    const statuses = (await sendFault(url, name)).map(({ status }) => status);
    // Those of a cut body belong together; else each request is one of its own.
    const verdicts =
      name === "cut-body"
        ? [judgeAnswers(name, statuses)]
        : statuses.map((status) => judgeAnswers(name, [status]));
    if (verdicts.includes("fail")) mistaken.push(name);
  }
  return mistaken;
}
