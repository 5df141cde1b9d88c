import { useEffect, useState } from "preact/hooks";

const tickMs = 1_000;

/** The time in epoch milliseconds, each second. @param aheadMs how far the clock that is meant is ahead of this machine's */
export function useNow(aheadMs: number): number {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), tickMs);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + aheadMs;
}
