import type { VNode } from "preact";
import { formatTime, readTimestamp } from "../times.ts";
import type { RowContent } from "./tree-rows.ts";
import { visibleText } from "../visible-text.ts";

/** How much of a text is shown at first. */
const shownLength = 300;
/** A paragraph of a million characters is laid out as one piece; a browser skips blocks that are out of sight. */
const blockLength = 8_000;

export interface TreeRowContentProps {
  readonly content: RowContent;
  /** Whether a long text is shown to its end. */
  readonly isWhole: boolean;
  readonly onActivate: () => void;
}

/** The value in a row of a tree; what it is shows by its shape, not by its colour alone. */
export function TreeRowContent({ content, isWhole, onActivate }: TreeRowContentProps): VNode {
  switch (content.kind) {
    case "more":
      return <span class="more">{content.hidden.toLocaleString("en")} more: show some</span>;
    case "object":
      return <span class="size">{content.size === 0 ? "{ }" : `{ ${content.size} }`}</span>;
    case "array":
      return <span class="size">{content.size === 0 ? "[ ]" : `[ ${content.size} ]`}</span>;
    default:
      break;
  }
  const { value } = content;
  if (typeof value !== "string") return <span class={`value is-${typeof value}`}>{String(value)}</span>;
  if (value.length > shownLength) return <LongValue text={value} isWhole={isWhole} onActivate={onActivate} />;
  const time = readTimestamp(value);
  return (
    <>
      <span class="value is-string">&quot;{visibleText(value)}&quot;</span>
      {time !== undefined && <span class="beside">{formatTime(time, new Date())} here</span>}
    </>
  );
}

interface LongValueProps extends Pick<TreeRowContentProps, "isWhole" | "onActivate"> {
  readonly text: string;
}

function LongValue({ text, isWhole, onActivate }: LongValueProps): VNode {
  const size = `${text.length.toLocaleString("en")} characters`;
  return (
    <>
      {isWhole ? (
        <span class="value is-string is-whole">
          {blocksOf(text).map((block, index) => (
            <span key={index}>{visibleText(block)}</span>
          ))}
        </span>
      ) : (
        <span class="value is-string">&quot;{visibleText(text.slice(0, shownLength))}…</span>
      )}
      {/* By keyboard Enter does it, on the row. */}
      <button
        type="button"
        class="quiet"
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation();
          onActivate();
        }}
      >
        {isWhole ? "Show less" : `Show all ${size}`}
      </button>
    </>
  );
}

function blocksOf(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / blockLength) }, (_, index) =>
    text.slice(index * blockLength, (index + 1) * blockLength),
  );
}
