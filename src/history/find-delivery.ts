/** Finds one delivery by what people type: an id, or as much of it as tells it from the others. */
import type { Delivery } from "../delivery/delivery.ts";
import { DevhookError } from "../kinde/errors.ts";
import type { History } from "./history.ts";

/** Nothing in the history has this id. */
export class UnknownDeliveryError extends DevhookError {
  override readonly code = "ERR_UNKNOWN_DELIVERY";
  readonly id: string;
  constructor(id: string) {
    super(
      id === "last"
        ? "Failed to find the last delivery: the history is empty. `npx kinde-devhook emit user.created` makes one."
        : id === ""
          ? "Failed to find a delivery: its id is empty. Was a variable not set? `last` is the latest."
          : `Failed to find a delivery: the history has none whose id, or whose event's id, begins with ${quote(id)}. \`npx kinde-devhook history list\` shows them.`,
    );
    this.id = id;
  }
}

/** Several deliveries have an id that begins so. */
export class AmbiguousIdError extends DevhookError {
  override readonly code = "ERR_AMBIGUOUS_ID";
  readonly id: string;
  /** The ids that it may mean, the latest first; the first six of them. */
  readonly candidates: readonly string[];
  constructor(id: string, candidates: readonly Delivery[]) {
    const length = distinctLength(candidates.map((each) => each.id));
    const shown = candidates
      .slice(0, shownCandidates)
      .map(
        ({ id: own, event, createdAt }) =>
          `${own.slice(0, length)} (${event?.type ?? "no event"}, ${createdAt})`,
      );
    const more = candidates.length > shown.length ? ", and there are more" : "";
    super(
      `Failed to find a delivery: ${quote(id)} may be ${shown.join(" or ")}${more}. Give more of the id.`,
    );
    this.id = id;
    this.candidates = candidates.map((each) => each.id);
  }
}

const shownCandidates = 5;
// As many characters of an id as `history list` shows.
const shortLength = 12;

/** How many characters of these ids tell each from the others, as few as may be. */
function distinctLength(ids: readonly string[]): number {
  const longest = Math.max(...ids.map((id) => id.length));
  for (let length = shortLength; length < longest; length++) {
    if (new Set(ids.map((id) => id.slice(0, length))).size === ids.length) return length;
  }
  return longest;
}

/**
 * @param id `last`, a delivery's id or an event's, or the beginning of one; with `…` (or `...`) in the middle as the
 *   terminal shows it. Of several deliveries of one event, the latest.
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
  const [start = "", end = ""] = id.split(/…|\.\.\./);
  // An empty text is the beginning of every id, and a variable that was not set.
  if (start === "" && end === "") throw new UnknownDeliveryError(id);
  const isMeant = (text: string): boolean =>
    text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
  const isWanted = ({ id: own, event }: Delivery): boolean =>
    isMeant(own) || isMeant(own.slice(prefix.length)) || isMeant(event?.id ?? "");
  const found = new Map<string, Delivery>();
  for await (const delivery of history.read({ where: isWanted, containing: needleOf(start || end) })) {
    const eventId = delivery.event?.id;
    // A whole id means itself, whatever others begin with it.
    if (eventId === id) return delivery;
    const key = eventId !== undefined && isMeant(eventId) ? eventId : delivery.id;
    if (!found.has(key) && found.size <= shownCandidates) found.set(key, delivery);
  }
  const [first, ...others] = found.values();
  if (first === undefined) throw new UnknownDeliveryError(id);
  if (others.length > 0) throw new AmbiguousIdError(id, [first, ...others]);
  return first;
}

const prefix = "dlv_";

/** As a record holds it: the text in a string of JSON. */
function needleOf(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function quote(id: string): string {
  return id.length > 100 ? `${JSON.stringify(id.slice(0, 100))}…` : JSON.stringify(id);
}
