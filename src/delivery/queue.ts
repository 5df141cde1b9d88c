/** What waits for its turn: the earliest first, and of two that are due at once the one that came first. */
export interface Queue<Item> {
  /** @param due epoch milliseconds */
  add(item: Item, due: number): void;
  first(): { readonly item: Item; readonly due: number } | undefined;
  /** Takes the first out. */
  shift(): void;
  /** @returns whether it was there */
  remove(item: Item): boolean;
  items(): readonly Item[];
}

export function createQueue<Item>(): Queue<Item> {
  const waiting: { readonly item: Item; readonly due: number }[] = [];
  return {
    add: (item, due) => {
      let [low, high] = [0, waiting.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (waiting[middle]!.due <= due) low = middle + 1;
        else high = middle;
      }
      waiting.splice(low, 0, { item, due });
    },
    first: () => waiting[0],
    shift: () => void waiting.shift(),
    remove: (item) => {
      const index = waiting.findIndex((each) => each.item === item);
      if (index !== -1) waiting.splice(index, 1);
      return index !== -1;
    },
    items: () => waiting.map(({ item }) => item),
  };
}
