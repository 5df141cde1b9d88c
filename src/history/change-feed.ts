/** Hands the changes of a history in memory to those who follow it, each at its own pace. */
export interface ChangeFeed<Item> {
  push(item: Item): void;
  /** All that was pushed has become nothing. */
  clear(): void;
  /**
   * What is pushed from now on, not from the first that is asked for, until the signal.
   * @param onCleared told before what is pushed after a clearing is handed over
   */
  follow(signal: AbortSignal, onCleared?: () => void): AsyncIterable<Item>;
}

const cleared = Symbol("cleared");

export function createChangeFeed<Item>(): ChangeFeed<Item> {
  const followers = new Set<(news: Item | typeof cleared) => void>();
  const tell = (news: Item | typeof cleared): void => {
    for (const take of followers) take(news);
  };
  return {
    push: tell,
    clear: () => tell(cleared),
    follow: (signal, onCleared) => {
      const waiting: (Item | typeof cleared)[] = [];
      let wake = (): void => {};
      const take = (news: Item | typeof cleared): void => {
        waiting.push(news);
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
            const news = waiting.shift();
            if (news === cleared) onCleared?.();
            else if (news !== undefined) yield news;
            else await new Promise<void>((resolve) => (wake = resolve));
          }
        } finally {
          end();
        }
      }
    },
  };
}
