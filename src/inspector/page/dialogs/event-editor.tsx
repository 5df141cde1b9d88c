import type { ComponentChildren, VNode } from "preact";
import { EditButtons } from "./edit-buttons.tsx";
import { EndpointField } from "./endpoint-field.tsx";
import { JsonEditor } from "./json-editor.tsx";
import type { Edited } from "./read-edited.ts";
import type { Draft } from "./use-draft.ts";

export interface EventEditorProps {
  /** What the JSON is of an event: "Data". */
  readonly label: string;
  /** Has the focus when its dialog opens. */
  readonly isFirst?: boolean;
  readonly draft: Draft;
  readonly edited: Edited;
  /** Where to; empty for `usualEndpoint`. */
  readonly to: string;
  readonly usualEndpoint: string;
  readonly onTo: (to: string) => void;
  /** What sending is called: "Replay". */
  readonly action: string;
  /** Why it can't be sent; `undefined` when it can. */
  readonly why: string | undefined;
  readonly isBusy: boolean;
  readonly onSend: () => void;
  /** Stands above the buttons. */
  readonly children?: ComponentChildren;
}

/** An event to be written and sent: its JSON, where to, and the buttons. */
export function EventEditor(props: EventEditorProps): VNode {
  const { label, isFirst = false, draft, edited, to, usualEndpoint, onTo, onSend, children } = props;
  const { action, why, isBusy } = props;
  return (
    <>
      <JsonEditor
        label={label}
        isFirst={isFirst}
        text={draft.text}
        mistake={edited.mistake}
        onInput={draft.set}
        onSend={onSend}
      />
      <EndpointField value={to} placeholder={usualEndpoint} onInput={onTo} onSend={onSend} />
      {children}
      <EditButtons
        action={action}
        why={why}
        isBusy={isBusy}
        draft={draft}
        value={edited.value}
        onSend={onSend}
      />
    </>
  );
}
