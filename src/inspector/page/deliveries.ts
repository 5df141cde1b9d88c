import { liveDeliveries, type DeliverySummary } from "../protocol.ts";
import { createStore, type Store } from "./store.ts";

export interface DeliveryList {
  /** The latest change first. */
  readonly list: readonly DeliverySummary[];
  /** Whether the process has told of all that there were. */
  readonly isLoaded: boolean;
}

export interface Deliveries {
  readonly store: Store<DeliveryList>;
  /** The process is about to tell of all that there are; until it has, what is known stays. */
  begin(): void;
  addPart(deliveries: readonly DeliverySummary[], isLast: boolean): void;
  put(delivery: DeliverySummary): void;
  clear(): void;
}

// What comes within a frame is shown at once: an emission of thousands must not have as many drawings.
const frameMs = 16;
// Of those that there were, the first are shown at once; the others come faster than they can be looked at.
const loadingMs = 200;

/** The deliveries that the page knows of: the latest 10,000. */
export function createDeliveries(): Deliveries {
  const store = createStore<DeliveryList>({ list: [], isLoaded: false });
  let changed = new Map<string, DeliverySummary>();
  /** Ids that the process has told of since it began to; `undefined` when it does not. */
  let told: Set<string> | undefined;
  let isScheduled = false;

  function put(delivery: DeliverySummary): void {
    told?.add(delivery.id);
    // A part of the beginning can be older than a change that came before it.
    const known = changed.get(delivery.id);
    if (known === undefined || known.changedAt <= delivery.changedAt) changed.set(delivery.id, delivery);
    schedule();
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    const isLoading = told !== undefined && store.get().list.length > 0;
    setTimeout(
      () => {
        isScheduled = false;
        if (changed.size > 0) show(store.get().isLoaded);
      },
      isLoading ? loadingMs : frameMs,
    );
  }

  function show(isLoaded: boolean, only?: ReadonlySet<string>): void {
    const news = changed;
    changed = new Map();
    const kept = store.get().list.filter((delivery) => {
      if (only?.has(delivery.id) === false) return false;
      const newer = news.get(delivery.id);
      if (newer === undefined) return true;
      if (newer.changedAt >= delivery.changedAt) return false;
      news.delete(delivery.id);
      return true;
    });
    const list = merge(kept, [...news.values()].sort(byLatest)).slice(0, liveDeliveries);
    store.set({ list, isLoaded });
  }

  return {
    store,
    put,
    begin: () => {
      told = new Set();
    },
    addPart: (deliveries, isLast) => {
      for (const delivery of deliveries) put(delivery);
      if (!isLast) return;
      show(true, told);
      told = undefined;
    },
    clear: () => {
      changed.clear();
      told = undefined;
      store.set({ list: [], isLoaded: true });
    },
  };
}

/** ISO 8601 UTC stands in the order of time. */
function byLatest(a: DeliverySummary, b: DeliverySummary): number {
  if (a.changedAt !== b.changedAt) return a.changedAt < b.changedAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** Both in order. A list of ten thousand is not sorted anew for one. */
function merge(a: readonly DeliverySummary[], b: readonly DeliverySummary[]): DeliverySummary[] {
  const merged: DeliverySummary[] = [];
  let next = 0;
  for (const delivery of a) {
    for (; next < b.length && byLatest(b[next]!, delivery) < 0; next++) merged.push(b[next]!);
    merged.push(delivery);
  }
  for (; next < b.length; next++) merged.push(b[next]!);
  return merged;
}
