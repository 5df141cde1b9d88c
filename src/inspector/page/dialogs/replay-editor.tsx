import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { JsonObject } from "../../../kinde/json.ts";
import type { DeliveryDetail, ReplayAnswer } from "../../protocol.ts";
import type { Api } from "../api.ts";
import { changedPaths } from "../detail/changed-paths.ts";
import { findEventMistake } from "../detail/event-mistake.ts";
import { DeliveryResult, TaskResult } from "../detail/task-result.tsx";
import { useTask } from "../detail/use-task.ts";
import { Changes } from "./changes.tsx";
import { EventEditor } from "./event-editor.tsx";
import { Modal } from "./modal.tsx";
import { mendFirst, readEdited } from "./read-edited.ts";
import { useDraft } from "./use-draft.ts";

export interface ReplayEditorProps {
  readonly detail: DeliveryDetail;
  readonly api: Api;
  /** Why nothing can be sent; `undefined` when it can. */
  readonly whyNot: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

/** A delivery's claims, to be edited and sent as a new one. */
export function ReplayEditor({ detail, api, whyNot, onOpen, onClose }: ReplayEditorProps): VNode {
  const { id, endpoint } = detail.delivery;
  // As it was when the dialog was opened: a change of the delivery must not change what is written.
  const [original] = useState<JsonObject>(detail.claims ?? {});
  const draft = useDraft(
    `replay ${id}`,
    useMemo(() => JSON.stringify(original, undefined, 2), [original]),
  );
  const [to, setTo] = useState("");
  const [task, start] = useTask<ReplayAnswer>();
  const edited = useMemo(() => readEdited(draft.text, findEventMistake), [draft.text]);
  const { value, mistake } = edited;
  const changes = useMemo(
    () => (value === undefined ? undefined : changedPaths(original, value)),
    [original, value],
  );
  const why = whyNot ?? (mistake === undefined ? undefined : mendFirst);
  const send = (): void => {
    if (why !== undefined || value === undefined) return;
    const isEdited = changes !== undefined && changes.length > 0;
    start(() =>
      api.replay(id, { ...(isEdited && { claims: value }), ...(to.trim() !== "" && { to: to.trim() }) }),
    );
  };
  return (
    <Modal title="Edit and replay" onClose={onClose}>
      <EventEditor
        label="Claims"
        isFirst
        draft={draft}
        edited={edited}
        to={to}
        usualEndpoint={endpoint}
        onTo={setTo}
        action="Replay"
        why={why}
        isBusy={task.state === "busy"}
        onSend={send}
      >
        {changes !== undefined && (
          <Changes
            changes={changes}
            same="Nothing differs from the original: the same bytes are sent, with a new webhook-id."
            edited="It will be signed anew with this project's key, because these differ from the original:"
          />
        )}
      </EventEditor>
      <TaskResult task={task} busy="Sending…">
        {(answer) => <DeliveryResult delivery={answer.delivery} onOpen={onOpen} />}
      </TaskResult>
    </Modal>
  );
}
