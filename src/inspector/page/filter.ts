import type { DeliverySummary } from "../protocol.ts";

/** What of the deliveries is to be seen; all that is given has to hold. */
export interface Filter {
  /** `user.created`, `user.*`; empty for all. */
  readonly type: string;
  readonly state: DeliverySummary["state"] | null;
  /** Only what went wrong. */
  readonly isWrong: boolean;
  readonly direction: DeliverySummary["direction"] | null;
  /** Words, each of which has to be found somewhere. */
  readonly text: string;
}

export const noFilter: Filter = { type: "", state: null, isWrong: false, direction: null, text: "" };

export function isFiltering({ type, state, isWrong, direction, text }: Filter): boolean {
  return type !== "" || state !== null || isWrong || direction !== null || text.trim() !== "";
}

/** @returns the same list when nothing is left out */
export function filterDeliveries(
  deliveries: readonly DeliverySummary[],
  filter: Filter,
): readonly DeliverySummary[] {
  if (!isFiltering(filter)) return deliveries;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const { state, direction, type } = filter;
  return deliveries.filter(
    (delivery) =>
      (state === null || delivery.state === state) &&
      (!filter.isWrong || wentWrong(delivery)) &&
      (direction === null || delivery.direction === direction) &&
      (type === "" || hasType(delivery, type)) &&
      words.every((word) => textOf(delivery).includes(word)),
  );
}

/**
 * Whether the latest answer was not as wanted. What Kinde relays is `pending` then, for Kinde tries again, and `failed` only
 * when that is over; of a fault it tells whether the app stood it.
 */
export function wentWrong({ state, latest, verdict }: DeliverySummary): boolean {
  if (verdict !== undefined) return verdict === "fail";
  return state === "failed" || (state === "pending" && latest !== null);
}

/** The event types there are, with the pattern before its types where there are several; sorted. */
export function typeChoices(deliveries: readonly DeliverySummary[]): string[] {
  const types = new Set(deliveries.map(({ event }) => event?.type ?? ""));
  types.delete("");
  const patterns = [...types].map(patternOf);
  const shared = patterns.filter((pattern, index) => patterns.indexOf(pattern) !== index);
  return [...new Set([...types, ...shared])].sort();
}

function patternOf(type: string): string {
  return type.replace(/[^.]*$/, "*");
}

function hasType({ event }: DeliverySummary, pattern: string): boolean {
  const type = event?.type ?? "";
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

const texts = new WeakMap<DeliverySummary, string>();

/** All of a delivery that can be searched, made once. */
function textOf(delivery: DeliverySummary): string {
  let text = texts.get(delivery);
  if (text === undefined) {
    const { id, event, about, endpoint, webhookId } = delivery;
    text = [id, event?.type, event?.id, ...about, endpoint, webhookId].join("\n").toLowerCase();
    texts.set(delivery, text);
  }
  return text;
}
