import { useEffect, useRef, useState } from "preact/hooks";

/**
 * The time by the clock of the process, each second, in epoch milliseconds: that of a mock can be moved.
 * @param processNow what the process last said, ISO 8601; `undefined` where its clock is this machine's
 */
export function useNow(processNow: string | undefined): number {
  const aheadMs = useRef(0);
  const said = useRef<string>();
  if (said.current !== processNow) {
    said.current = processNow;
    aheadMs.current = processNow === undefined ? 0 : Date.parse(processNow) - Date.now();
  }
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + aheadMs.current;
}
