import { claimsOf } from "../delivery/claims-of.ts";
import { changedAt, type Delivery } from "../delivery/delivery.ts";
import { isJsonObject, type JsonValue } from "../kinde/json.ts";
import type { DeliverySummary } from "./protocol.ts";

/** What the list shows of a delivery. */
export function summarize(delivery: Delivery): DeliverySummary {
  const { id, direction, webhookId, endpoint, event, state, nextAttemptAt, failedReason, createdAt } =
    delivery;
  const { isCopy, isShielded, isRedacted, fault, verdict } = delivery;
  const latest = delivery.attempts.at(-1);
  return {
    id,
    direction,
    webhookId,
    endpoint,
    event,
    state,
    nextAttemptAt,
    failedReason,
    createdAt,
    changedAt: new Date(changedAt(delivery)).toISOString(),
    verification: delivery.verification.status,
    attempts: delivery.attempts.length,
    latest:
      latest === undefined
        ? null
        : {
            status: latest.status,
            error: latest.error?.code ?? null,
            durationMs: latest.durationMs,
          },
    about: [...collectAbout(claimsOf(delivery)?.["data"])],
    ...(isCopy === true && { isCopy }),
    ...(isShielded === true && { isShielded }),
    ...(isRedacted === true && { isRedacted }),
    ...(fault !== undefined && { fault }),
    ...(verdict !== undefined && { verdict }),
  };
}

const searched = /email|org/i;
// Ten thousand of these are in a page: a long text is none that anybody searches for.
const [maxTexts, maxLength] = [20, 200];

/** The texts that are called an e-mail address or an organization, or are members of what is called so. */
function collectAbout(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const collect = (item: JsonValue | undefined, isNamed: boolean): void => {
    if (found.size >= maxTexts) return;
    if (typeof item === "string") {
      if (isNamed && item !== "" && item.length <= maxLength) found.add(item);
    } else if (Array.isArray(item)) {
      for (const member of item) collect(member, isNamed);
    } else if (isJsonObject(item)) {
      for (const [name, member] of Object.entries(item)) {
        // An organization's code and name, but not its roles.
        collect(member, searched.test(name) || (isNamed && typeof member === "string"));
      }
    }
  };
  collect(value, false);
  return found;
}
