/** What of the history is wanted, as `history list`, the control API and the inspector ask for it. */
import { claimsOf } from "../delivery/claims-of.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { matchesEventType } from "../kinde/event-types.ts";
import { isJsonObject, type JsonValue } from "../kinde/json.ts";
import type { HistoryQuery } from "./history.ts";

/** All that is given has to hold. */
export interface DeliveryFilter {
  /** Patterns of event types: `user.*,role.created`. */
  readonly types?: string | undefined;
  readonly state?: Delivery["state"] | undefined;
  readonly direction?: Delivery["direction"] | undefined;
  /** Changed since, in epoch milliseconds. */
  readonly since?: number | undefined;
  /** The code, id or name of an organization that the event tells of. */
  readonly org?: string | undefined;
  /** An e-mail address that the event tells of, or a part of it. */
  readonly email?: string | undefined;
}

// `organizations`, `organization_id`, `org_code`.
const organization = /^org(anization)?s?(_|$)/i;

/** A filter as the history takes it. */
export function createQuery(filter: DeliveryFilter): HistoryQuery {
  const { types, state, direction, since, org, email } = filter;
  const isWanted = (delivery: Delivery): boolean =>
    (state === undefined || delivery.state === state) &&
    (direction === undefined || delivery.direction === direction) &&
    (types === undefined || matchesEventType(types, delivery.event?.type ?? "")) &&
    (org === undefined || isAbout(delivery, organization, (text) => text === org.toLowerCase())) &&
    (email === undefined || isAbout(delivery, /email/i, (text) => text.includes(email.toLowerCase())));
  return {
    where: isWanted,
    ...(since !== undefined && { since }),
    ...containingOf(filter),
  };
}

/** What stands in every record of a delivery that is wanted: one event type tells more than a direction does. */
function containingOf({ types, direction }: DeliveryFilter): Pick<HistoryQuery, "containing"> {
  if (types !== undefined && /^[\w.-]+$/.test(types)) return { containing: `"type":"${types}"` };
  return direction === undefined ? {} : { containing: `"direction":"${direction}"` };
}

function isAbout(delivery: Delivery, name: RegExp, isMeant: (text: string) => boolean): boolean {
  return hasText(claimsOf(delivery)?.["data"], false);

  /** @param isNamed whether what holds the value is called so: of an organization's roles none is meant */
  function hasText(value: JsonValue | undefined, isNamed: boolean): boolean {
    if (typeof value === "string") return isNamed && isMeant(value.toLowerCase());
    if (Array.isArray(value)) return value.some((item) => hasText(item, isNamed));
    if (!isJsonObject(value)) return false;
    return Object.entries(value).some(([key, member]) =>
      hasText(member, name.test(key) || (isNamed && typeof member === "string")),
    );
  }
}
