/** Hands what happens to those who follow, each at its own pace. */
export interface LiveFeed<Item> {
  push(item: Item): void;
  /** What is pushed from now on, not from the first that is asked for, until the signal. */
  follow(signal: AbortSignal): AsyncIterable<Item>;
}

export function createLiveFeed<Item>(): LiveFeed<Item> {
  const followers = new Set<(item: Item) => void>();
  return {
    push: (item) => {
      for (const take of followers) take(item);
    },
    follow: (signal) => {
      const waiting: Item[] = [];
      let wake = (): void => {};
      const take = (item: Item): void => {
        waiting.push(item);
        wake();
      };
      const end = (): void => {
        followers.delete(take);
        signal.removeEventListener("abort", end);
        wake();
      };
      followers.add(take);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
      return follow();

      async function* follow(): AsyncGenerator<Item> {
        try {
          while (!signal.aborted) {
            const item = waiting.shift();
            if (item !== undefined) yield item;
            else await new Promise<void>((resolve) => (wake = resolve));
          }
        } finally {
          end();
        }
      }
    },
  };
}
