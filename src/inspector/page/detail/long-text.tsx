import type { VNode } from "preact";
import { useState } from "preact/hooks";

export interface LongTextProps {
  readonly text: string;
  /** For whom does not see what it stands under. */
  readonly label: string;
  /** How much of it is shown at first. Default: 4,000 characters. */
  readonly shown?: number;
}

/** A text of any length in a box that scrolls, by keyboard too. */
export function LongText({ text, label, shown = 4_000 }: LongTextProps): VNode {
  const [isWhole, setIsWhole] = useState(false);
  const isCut = text.length > shown && !isWhole;
  return (
    <>
      <pre class="text-box" tabIndex={0} role="region" aria-label={label}>
        {isCut ? `${text.slice(0, shown)}…` : text}
      </pre>
      {isCut && (
        <button type="button" class="quiet" onClick={() => setIsWhole(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}
