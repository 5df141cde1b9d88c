import type { Attempt } from "../../src/delivery/delivery.ts";
import { send } from "../../src/delivery/send.ts";
import type { EventType } from "../../src/kinde/event-data.ts";
import type { FaultName } from "../../src/kinde/faults.ts";
import { planFaultOf } from "../kinde/plan-fault.ts";

/** Sends all that a fault sends, each request when the one before has ended; slowly, but not for seconds. */
export async function sendFault(
  url: URL,
  fault: FaultName,
  type: EventType = "user.updated",
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const now = Date.now();
  for (const { request } of await planFaultOf(fault, type, now)) {
    const options = { number: 1, plannedDelayMs: 0, now, timeoutMs: 20_000 };
    const { pacing } = request;
    const outgoing = {
      ...request,
      pacing: pacing && "overMs" in pacing ? { ...pacing, overMs: 80 } : pacing,
    };
    attempts.push((await send(url, outgoing, options)).attempt);
    const { pacing: _, ...whole } = request;
    if (fault === "cut-body") attempts.push((await send(url, whole, { ...options, number: 2 })).attempt);
  }
  return attempts;
}
