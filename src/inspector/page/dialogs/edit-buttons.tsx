import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { JsonObject } from "../../../kinde/json.ts";
import type { Draft } from "./use-draft.ts";

export interface EditButtonsProps {
  /** What sending is called: "Replay". */
  readonly action: string;
  /** Why it can't be sent; `undefined` when it can. */
  readonly why: string | undefined;
  readonly isBusy: boolean;
  readonly draft: Draft;
  /** What was written; `undefined` when it is none. */
  readonly value: JsonObject | undefined;
  readonly onSend: () => void;
}

/** Below an editor: send, put in order, back to the original. */
export function EditButtons({ action, why, isBusy, draft, value, onSend }: EditButtonsProps): VNode {
  const whyId = useId();
  return (
    <div class="edit-buttons">
      <div class="button-row">
        <button
          type="button"
          class="primary"
          aria-disabled={why !== undefined || isBusy}
          aria-describedby={whyId}
          aria-keyshortcuts="Control+Enter Meta+Enter"
          onClick={onSend}
        >
          {action}
        </button>
        <button
          type="button"
          aria-disabled={value === undefined}
          onClick={() => value !== undefined && draft.set(JSON.stringify(value, undefined, 2))}
        >
          Format
        </button>
        <button type="button" aria-disabled={!draft.isEdited} onClick={draft.discard}>
          Back to the original
        </button>
        <span class="muted keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends
        </span>
      </div>
      <p id={whyId} class="muted" hidden={why === undefined}>
        {why}
      </p>
    </div>
  );
}
