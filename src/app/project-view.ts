/** The deliveries of the project and how this process is, as one view of it: told by the process, and by its history. */
import { isToBeKept, type Delivery } from "../delivery/delivery.ts";
import type { History } from "../history/history.ts";
import type { LiveListener, LiveSource } from "../inspector/live-page.ts";
import type { Status } from "../inspector/protocol.ts";

export interface ProjectView extends LiveSource {
  /** A delivery of this process, after it was kept: it may not be in the history yet. */
  note(delivery: Delivery): void;
  /** Something has changed of what `status` tells. */
  noteStatus(): void;
  /** What this process is at, and the history has nothing of. */
  underWay(): readonly Delivery[];
}

export interface ProjectViewOptions {
  readonly history: Pick<History, "read" | "follow">;
  /** A delivery as it may be shown. Default: as it is. */
  readonly shown?: ((delivery: Delivery) => Delivery) | undefined;
  readonly status: () => Status;
}

// As many as a page holds. Of older ones a repeat may be told, which changes nothing.
const rememberedStates = 10_000;

export function createProjectView({ history, shown = asItIs, status }: ProjectViewOptions): ProjectView {
  const listeners = new Set<LiveListener>();
  const underWay = new Map<string, Delivery>();
  /** How far each has come that the pages were told of; the latest told at the end. */
  const told = new Map<string, number>();
  let following: AbortController | undefined;
  let isStatusToBeTold = false;

  /** Whether it is news: what this process tells comes again from the history, and not always in order. */
  const isNews = (delivery: Delivery): boolean => {
    const progress = progressOf(delivery);
    if ((told.get(delivery.id) ?? -1) >= progress) return false;
    told.delete(delivery.id);
    told.set(delivery.id, progress);
    const [oldest] = told.keys();
    if (told.size > rememberedStates && oldest !== undefined) told.delete(oldest);
    return true;
  };
  const tell = (delivery: Delivery): void => {
    if (!isNews(delivery)) return;
    for (const listener of listeners) listener.onDelivery(shown(delivery));
  };
  const onCleared = (): void => {
    told.clear();
    for (const listener of listeners) listener.onCleared();
    for (const delivery of underWay.values()) tell(delivery);
  };
  const tellAll = async (deliveries: AsyncIterable<Delivery>): Promise<void> => {
    for await (const delivery of deliveries) tell(delivery);
  };

  return {
    status,
    note: (delivery) => {
      if (isToBeKept(delivery)) underWay.delete(delivery.id);
      else underWay.set(delivery.id, delivery);
      if (listeners.size > 0) tell(delivery);
    },
    noteStatus: () => {
      if (isStatusToBeTold || listeners.size === 0) return;
      // Several things change at once: a tunnel that is up again, and its app.
      isStatusToBeTold = true;
      setImmediate(() => {
        isStatusToBeTold = false;
        for (const listener of listeners) listener.onStatus();
      });
    },
    underWay: () => [...underWay.values()],
    recent: async function* () {
      const first = [...underWay.values()].toReversed();
      yield* first;
      const given = new Set(first.map(({ id }) => id));
      for await (const delivery of history.read()) if (!given.has(delivery.id)) yield shown(delivery);
    },
    watch: (listener) => {
      if (following === undefined) {
        const ended = new AbortController();
        // What is wrong with one that is shown may not end what the process is for.
        tellAll(history.follow(ended.signal, onCleared)).catch(() => {});
        following = ended;
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        following?.abort();
        following = undefined;
        told.clear();
      };
    },
  };
}

function asItIs(delivery: Delivery): Delivery {
  return delivery;
}

/** Grows with each attempt, and at the end; states of one delivery stand in its order. */
function progressOf({ attempts, state }: Delivery): number {
  // Of many attempts the record leaves some out, but never the latest.
  const made = attempts.length + (attempts.at(-1)?.number ?? 0);
  return 2 * made + (state === "pending" ? 0 : 1);
}
