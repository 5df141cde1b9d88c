import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

const shownMs = 1_500;

/** Copies a text, and says for a moment that it has. @param label what is copied: `the URL` */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): VNode {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome("copied"),
      () => setOutcome("failed"),
    );
  };
  const says = { copied: "Copied", failed: "Not copied" };
  return (
    <button
      type="button"
      class={`quiet icon-button ${outcome === "copied" ? "good" : ""}`}
      title={`Copy ${label}`}
      onClick={copy}
    >
      <Icon name={outcome === null ? "copy" : outcome === "copied" ? "check" : "cross"} />
      <span class="unseen">Copy {label}</span>
      <span class="unseen" role="status">
        {outcome === null ? "" : says[outcome]}
      </span>
    </button>
  );
}
