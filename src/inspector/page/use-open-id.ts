import { useEffect, useState } from "preact/hooks";

/** Which delivery is opened: it stands in the address bar, so that a reload keeps it and the way back closes it. */
export function useOpenId(): readonly [id: string | null, open: (id: string | null) => void] {
  const [id, setId] = useState(readId);
  useEffect(() => {
    const onChange = (): void => setId(readId());
    addEventListener("popstate", onChange);
    return () => removeEventListener("popstate", onChange);
  }, []);
  const open = (next: string | null): void => {
    const url = location.pathname + location.search + (next === null ? "" : `#${next}`);
    // From one to the next is no step that somebody would take back.
    if (id === null && next !== null) history.pushState(null, "", url);
    else history.replaceState(null, "", url);
    setId(next);
  };
  return [id, open];
}

function readId(): string | null {
  return /^#(dlv_[0-9a-f]+)$/.exec(location.hash)?.[1] ?? null;
}
