/** What is said of a filter that may have been mistyped: it finds nothing, and seems to say that there is nothing. */
import type { Delivery } from "../delivery/delivery.ts";
import { matchesEventType, unknownEventTypes } from "../kinde/event-types.ts";

export interface UnknownTypeWarning {
  readonly code: "WARN_UNKNOWN_EVENT_TYPE";
  readonly message: string;
}

/**
 * One for each pattern that names no known event type and has found none: Kinde may have types that this version does
 * not know, and what was found needs no warning.
 * @param types as of a `DeliveryFilter`
 * @param found the event types of what was found
 * @param latest how many of the latest that is, where there may be more
 */
export function warnOfUnknownTypes(
  types: string | undefined,
  found: ReadonlySet<string>,
  latest?: number,
): readonly UnknownTypeWarning[] {
  if (types === undefined) return [];
  const where = latest === undefined ? "" : ` in the latest ${latest}`;
  return unknownEventTypes(types)
    .filter(({ pattern }) => ![...found].some((type) => matchesEventType(pattern, type)))
    .map(({ pattern, closest }) => ({
      code: "WARN_UNKNOWN_EVENT_TYPE",
      message:
        `nothing was found of "${pattern}"${where}, and Kinde has no such event type that this version knows` +
        (closest === undefined
          ? "; `npx kinde-devhook triggers` lists those it knows"
          : `; did you mean "${closest}"?`),
    }));
}

/** The event types of deliveries. */
export function eventTypesOf(deliveries: readonly Delivery[]): ReadonlySet<string> {
  return new Set(deliveries.flatMap(({ event }) => event?.type ?? []));
}
