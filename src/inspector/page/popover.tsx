import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface PopoverProps {
  readonly summary: string;
  readonly children: ComponentChildren;
}

/** What opens below a word; Esc closes it, and so does a click elsewhere. */
export function Popover({ summary, children }: PopoverProps): VNode {
  const ref = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    ref.current!.open = false;
  };
  useEffect(() => {
    const onPointerDown = ({ target }: Event): void => {
      if (!ref.current!.contains(target as Node)) close();
    };
    document.addEventListener("pointerdown", onPointerDown);
    return () => document.removeEventListener("pointerdown", onPointerDown);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !ref.current!.open) return;
    // The delivery that is open beside stays.
    event.preventDefault();
    close();
    ref.current!.querySelector("summary")!.focus();
  };
  return (
    <details ref={ref} class="popover" onKeyDown={onKeyDown}>
      <summary>{summary}</summary>
      <div class="popover-content">{children}</div>
    </details>
  );
}
