/** Finds one delivery by what people type: an id, or as much of it as tells it from the others. */
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { History, HistoryQuery } from "./history.ts";

/** Nothing in the history has this id. */
export class UnknownDeliveryError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_DELIVERY";
  readonly id: string;
  constructor(id: string) {
    super(
      id === "last"
        ? "Failed to find the last delivery: the history is empty. `npx kinde-devhook emit user.created` makes one."
        : `Failed to find a delivery: the history has none whose id, or whose event's id, begins with ${JSON.stringify(id)}. \`npx kinde-devhook history list\` shows them.`,
    );
    this.id = id;
  }
}

/** Several deliveries have an id that begins so. */
export class AmbiguousIdError extends DevhookError {
  override readonly code = "ERR_AMBIGUOUS_ID";
  readonly id: string;
  /** The ids that it may mean, the latest first. */
  readonly candidates: readonly string[];
  constructor(id: string, candidates: readonly Delivery[]) {
    const lines = candidates.map(
      (each) => `${each.id} (${each.event?.type ?? "no event"}, ${each.createdAt})`,
    );
    super(
      `Failed to find a delivery: ${JSON.stringify(id)} may be ${lines.join(" or ")}. Give more of the id.`,
    );
    this.id = id;
    this.candidates = candidates.map((each) => each.id);
  }
}

const shownCandidates = 5;

/**
 * @param id `last`, a delivery's id or an event's, or the beginning of one; with `…` in the middle as the terminal shows it.
 *   Of several deliveries of one event, the latest.
 * @throws {UnknownDeliveryError} `ERR_UNKNOWN_DELIVERY`
 * @throws {AmbiguousIdError} `ERR_AMBIGUOUS_ID`
 */
export async function findDelivery(history: History, id: string): Promise<Delivery> {
  if (id === "last") {
    const [latest] = await history.list({ limit: 1 });
    if (latest === undefined) throw new UnknownDeliveryError(id);
    return latest;
  }
  const exact = /^dlv_[0-9a-f]{32}$/.test(id) ? await history.get(id) : undefined;
  if (exact !== undefined) return exact;
  const [start = "", end = ""] = id.split("…");
  const isMeant = (text: string): boolean => text.startsWith(start) && text.endsWith(end);
  const names = (delivery: Delivery): readonly string[] => [
    delivery.id,
    delivery.id.slice("dlv_".length),
    ...(delivery.event === null ? [] : [delivery.event.id]),
  ];
  const found = new Map<string, Delivery>();
  const query: HistoryQuery = {
    where: (each) => names(each).some(isMeant),
    // As JSON writes it, without the quotes.
    containing: JSON.stringify(start).slice(1, -1),
  };
  for await (const delivery of history.read(query)) {
    // Deliveries of one event are told apart by their own ids.
    const key = isMeant(delivery.event?.id ?? "") ? delivery.event!.id : delivery.id;
    if (!found.has(key)) found.set(key, delivery);
    if (found.size >= shownCandidates) break;
  }
  const [first, ...others] = found.values();
  if (first === undefined) throw new UnknownDeliveryError(id);
  if (others.length > 0) throw new AmbiguousIdError(id, [first, ...others]);
  return first;
}
