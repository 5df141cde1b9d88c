import type { VNode } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EditMistake } from "../detail/event-mistake.ts";

export interface JsonEditorProps {
  readonly label: string;
  readonly text: string;
  readonly mistake: EditMistake | undefined;
  /** Has the focus when its dialog opens. */
  readonly isFirst?: boolean;
  readonly onInput: (text: string) => void;
  /** Ctrl+Enter, or Command+Enter. */
  readonly onSend: () => void;
}

/** In pixels, as in detail.css. */
const lineHeight = 19;
const minLines = 7;
/** A mark in a line that is longer would cost as much as the line. */
const markedLength = 5_000;

/** A field for JSON: its lines are numbered, a mistake is marked where it is, and Tab leaves it. */
export function JsonEditor({
  label,
  text,
  mistake,
  isFirst = false,
  onInput,
  onSend,
}: JsonEditorProps): VNode {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, height: 0 });
  const measure = (): void => {
    const element = field.current;
    if (element === null) return;
    setView({ top: element.scrollTop, left: element.scrollLeft, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (field.current !== null) observer.observe(field.current);
    return () => observer.disconnect();
  }, []);
  const goToMistake = (): void => {
    const element = field.current;
    if (element === null || mistake === undefined || mistake.line === null) return;
    element.focus();
    element.setSelectionRange(mistake.offset, mistake.offset);
    element.scrollTop = (mistake.line - 3) * lineHeight;
  };
  const count = countLines(text);
  return (
    <div class="editor" data-invalid={mistake !== undefined}>
      <label htmlFor={id}>{label}</label>
      <div
        class="editor-box"
        style={{ height: `min(44dvh, ${(Math.max(count, minLines) + 1) * lineHeight}px)` }}
      >
        <LineNumbers view={view} count={count} marked={mistake?.line ?? undefined} />
        <div class="editor-text">
          {mistake !== undefined && mistake.line !== null && (
            <Mark text={text} mistake={mistake} view={view} />
          )}
          <textarea
            id={id}
            ref={field}
            class="mono"
            wrap="off"
            spellcheck={false}
            autocomplete="off"
            autofocus={isFirst}
            aria-invalid={mistake !== undefined}
            aria-describedby={`${id}-mistake ${id}-keys`}
            value={text}
            onInput={(event) => onInput(event.currentTarget.value)}
            onScroll={measure}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              if (!event.repeat) onSend();
            }}
          />
        </div>
      </div>
      <p id={`${id}-mistake`} class="mistake" role="status">
        {mistake !== undefined && (
          <>
            {mistake.line !== null && (
              <button type="button" class="link-button" onClick={goToMistake}>
                Line {mistake.line}, column {mistake.column}:
              </button>
            )}{" "}
            {mistake.message}
          </>
        )}
      </p>
      <p id={`${id}-keys`} class="unseen">
        Control and Enter sends. Tab leaves the field.
      </p>
    </div>
  );
}

interface View {
  readonly top: number;
  readonly left: number;
  readonly height: number;
}

interface LineNumbersProps {
  readonly view: View;
  readonly count: number;
  readonly marked: number | undefined;
}

/** Those in sight alone. */
function LineNumbers({ view, count, marked }: LineNumbersProps): VNode {
  const first = Math.floor(view.top / lineHeight) + 1;
  const last = Math.min(count, first + Math.ceil(view.height / lineHeight) + 1);
  const numbers = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  return (
    <div class="line-numbers mono" aria-hidden="true" style={{ minWidth: `${String(count).length + 2}ch` }}>
      {numbers.map((line) => (
        <span
          key={line}
          class={line === marked ? "is-wrong" : undefined}
          style={{ top: `${(line - 1) * lineHeight - view.top}px` }}
        >
          {line}
        </span>
      ))}
    </div>
  );
}

interface MarkProps {
  readonly text: string;
  readonly mistake: EditMistake & { readonly line: number };
  readonly view: View;
}

/** Under the character where it is: what stands before it is there too, unseen, for it takes the same place. */
function Mark({ text, mistake, view }: MarkProps): VNode {
  const { line, column, offset } = mistake;
  const before = column > markedLength ? "" : text.slice(offset - column + 1, offset);
  const at = text[offset];
  return (
    <pre
      class="mark mono"
      aria-hidden="true"
      style={{ transform: `translate(${-view.left}px, ${(line - 1) * lineHeight - view.top}px)` }}
    >
      <span>{before}</span>
      {column <= markedLength && <mark>{at === undefined || at === "\n" ? " " : at}</mark>}
    </pre>
  );
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
