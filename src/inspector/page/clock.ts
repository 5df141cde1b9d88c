import { useEffect, useReducer } from "preact/hooks";
import { createStore } from "./store.ts";

const tickMs = 1_000;
const now = createStore(Date.now());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * What the time makes of something; drawn anew when that differs, looked at each second.
 * @param of given epoch milliseconds
 */
export function useClock(of: (now: number) => string): string {
  const text = of(Date.now());
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const end = now.subscribe(() => {
      if (of(now.get()) !== text) redraw(undefined);
    });
    readers++;
    timer ??= setInterval(() => now.set(Date.now()), tickMs);
    return () => {
      end();
      if (--readers > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  });
  return text;
}
