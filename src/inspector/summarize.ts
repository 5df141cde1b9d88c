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

/** `email`, `preferred_email`, `emailAddress`; `organization`, `org_code`, `orgName`. */
const emailName = /email/i;
const organizationName = /(?:^|_)org/i;
/** What an organization is known by; not the roles that it gives, nor what others call it. */
const organizationMembers = new Set(["code", "id", "name"]);
// Ten thousand of these are in a page: a long text is none that anybody searches for.
const [maxTexts, maxLength] = [20, 200];

/** E-mail addresses, and the codes, ids and names of organizations, wherever they stand. */
function collectAbout(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (text: JsonValue | undefined): void => {
    if (typeof text !== "string" || text === "" || text.length > maxLength) return;
    if (found.size < maxTexts) found.add(text);
  };
  /** @param named what a text here is, by the name of what holds it */
  const collect = (item: JsonValue | undefined, named: "email" | "organization" | undefined): void => {
    if (found.size >= maxTexts) return;
    if (Array.isArray(item)) {
      for (const member of item) collect(member, named);
    } else if (isJsonObject(item)) {
      for (const [name, member] of Object.entries(item)) {
        if (named === "organization" && organizationMembers.has(name)) add(member);
        collect(member, named === "email" ? named : kindOf(name));
      }
    } else if (named !== undefined) add(item);
  };
  collect(value, undefined);
  return found;
}

function kindOf(name: string): "email" | "organization" | undefined {
  if (emailName.test(name)) return "email";
  return organizationName.test(name) ? "organization" : undefined;
}
