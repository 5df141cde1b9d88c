import { createGate, type Judgement } from "../../src/relay/gate.ts";
import { craftToken } from "../kinde/craft-token.ts";
import { createTrust } from "../relay/test-intake.ts";

/** What the tunnel's gate says to a well-signed event with claims of our choice. */
export async function judge(claims: object, now: number = Date.now()): Promise<Judgement> {
  const gate = createGate({
    trust: createTrust(),
    now: () => now,
    isOldFine: false,
    isUnverifiedFine: false,
  });
  const event = {
    data: { user: {} },
    event_id: "event_1",
    timestamp: new Date(now).toISOString(),
    type: "user.created",
  };
  return await gate(Buffer.from(craftToken({ claims: { ...event, ...claims } })));
}
