import { useEffect, useRef, useState } from "preact/hooks";

/** Which delivery is opened: it stands in the address bar, so that a reload keeps it and the way back closes it. */
export function useOpenId(): readonly [id: string | null, open: (id: string | null) => void] {
  const [id, setId] = useState(readId);
  /** Whether the browser is on its way back to the list; it gets there some time later. */
  const isGoingBack = useRef(false);
  const wanted = useRef(id);
  useEffect(() => {
    const onChange = (): void => {
      // What was opened meanwhile is a step from the list again.
      if (isGoingBack.current && wanted.current !== null) step(wanted.current);
      isGoingBack.current = false;
      wanted.current = readId();
      setId(wanted.current);
    };
    addEventListener("popstate", onChange);
    return () => removeEventListener("popstate", onChange);
  }, []);
  const open = (next: string | null): void => {
    const isStep = wanted.current === null;
    wanted.current = next;
    setId(next);
    if (isGoingBack.current) return;
    if (next === null && history.state === stepped) {
      // A step that is taken back is none: else the way back would lead from the list to the list.
      isGoingBack.current = true;
      history.back();
    } else if (next !== null && isStep) step(next);
    // From one to the next is no step that somebody would take back.
    else history.replaceState(history.state, "", urlOf(next));
  };
  return [id, open];
}

/** Of what the page has opened itself: the list is the step before it. */
const stepped = "from the list";

function step(id: string): void {
  history.pushState(stepped, "", urlOf(id));
}

function urlOf(id: string | null): string {
  return location.pathname + location.search + (id === null ? "" : `#${id}`);
}

function readId(): string | null {
  return /^#(dlv_[0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
}
