import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "./copy-text.ts";
import { Icon } from "./icons.tsx";

export interface CopyButtonProps {
  /** What is copied, made when it is; `undefined` when there is nothing, which `describedBy` explains. */
  readonly text: string | (() => string) | undefined;
  /** What it is, as in "Copy the event id". */
  readonly what: string;
  /** What stands on the button. Default: a drawing. */
  readonly children?: ComponentChildren;
  readonly describedBy?: string | undefined;
  readonly onCopied?: (() => void) | undefined;
}

const feedbackMs = 2_000;

/** Copies a text, and says so: on itself, and to screen readers. */
export function CopyButton({ text, what, children, describedBy, onCopied }: CopyButtonProps): VNode {
  const [feedback, setFeedback] = useState<"copied" | "failed">();
  const holder = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (feedback === undefined) return undefined;
    const timer = setTimeout(() => setFeedback(undefined), feedbackMs);
    return () => clearTimeout(timer);
  }, [feedback]);
  const copy = async (): Promise<void> => {
    if (text === undefined || holder.current === null) return;
    const isCopied = await copyText(typeof text === "string" ? text : text(), holder.current);
    setFeedback(isCopied ? "copied" : "failed");
    if (isCopied) onCopied?.();
  };
  const drawing = feedback === undefined ? "copy" : feedback === "copied" ? "check" : "cross";
  return (
    <span class="copy" ref={holder}>
      <button
        type="button"
        class={children === undefined ? "copy-button quiet icon-button" : "copy-button"}
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
        aria-disabled={text === undefined}
        aria-describedby={describedBy}
        data-feedback={feedback}
        onClick={() => void copy()}
      >
        {children ?? <Icon name={drawing} />}
      </button>
      <span class="unseen" role="status">
        {feedback === "copied" && `Copied ${what}`}
        {feedback === "failed" && `The browser did not let us copy ${what}`}
      </span>
    </span>
  );
}
