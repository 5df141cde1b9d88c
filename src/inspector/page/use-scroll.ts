import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DeliverySummary } from "../protocol.ts";
import { rowHeight } from "./row.tsx";

export interface Scroll {
  readonly ref: { current: HTMLDivElement | null };
  readonly top: number;
  readonly height: number;
  readonly onScroll: () => void;
}

/**
 * Where a list of rows is scrolled to. At its top it shows what arrives; further down, what is looked at stays where it is.
 * @param key of what is listed: with another one it begins at the top
 */
export function useScroll(rows: readonly DeliverySummary[], key: string): Scroll {
  const ref = useRef<HTMLDivElement | null>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);
  const former = useRef({ rows, key });

  useLayoutEffect(() => {
    const element = ref.current!;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    setHeight(element.clientHeight);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = ref.current!;
    const { rows: before, key: keyBefore } = former.current;
    former.current = { rows, key };
    if (before === rows) return;
    if (key !== keyBefore) element.scrollTop = 0;
    else if (top > 0) element.scrollTop += movedBy(before, rows, Math.floor(top / rowHeight)) * rowHeight;
    setTop(element.scrollTop);
  }, [rows, key]);

  return { ref, top, height, onScroll: () => setTop(ref.current!.scrollTop) };
}

// What is seen changes as a whole only when the list does: then nothing is held.
const triedRows = 50;

/** By how many rows what is seen has moved: the first row from `first` on that has not changed is where it was. */
function movedBy(before: readonly DeliverySummary[], now: readonly DeliverySummary[], first: number): number {
  for (const [index, { id, changedAt }] of before.slice(first, first + triedRows).entries()) {
    const found = now.findIndex((delivery) => delivery.id === id && delivery.changedAt === changedAt);
    if (found !== -1) return found - first - index;
  }
  return 0;
}
