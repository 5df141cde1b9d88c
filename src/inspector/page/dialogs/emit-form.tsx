import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Delivery } from "../../../delivery/delivery.ts";
import type { EventSample } from "../../protocol.ts";
import type { PaneProps } from "../pane-props.ts";
import { changedPaths } from "../detail/changed-paths.ts";
import { findDataMistake } from "../detail/event-mistake.ts";
import { DeliveryResult, TaskResult } from "../detail/task-result.tsx";
import { useTask } from "../detail/use-task.ts";
import { readOnlyReason } from "../detail/why-no-replay.ts";
import { Confidence, explainConfidence } from "./confidence.tsx";
import { EventEditor } from "./event-editor.tsx";
import { mendFirst, readEdited } from "./read-edited.ts";
import { useDraft } from "./use-draft.ts";

export interface EmitFormProps extends Omit<PaneProps, "onClose"> {
  readonly sample: EventSample;
}

/** One event type: its sample's data to be edited, where to, and what came of it. */
export function EmitForm({ sample, api, status, isReadOnly, onOpen }: EmitFormProps): VNode {
  const { type, data, confidence, description } = sample;
  const draft = useDraft(
    `emit ${type}`,
    useMemo(() => JSON.stringify(data, undefined, 2), [data]),
  );
  const [to, setTo] = useState("");
  const [task, start] = useTask<readonly Delivery[]>();
  const edited = useMemo(() => readEdited(draft.text, findDataMistake), [draft.text]);
  const endpoints = status?.endpoints ?? [];
  const why = whyNoEmit();
  const send = (): void => {
    const { value } = edited;
    if (why !== undefined || value === undefined) return;
    const isEdited = changedPaths(data, value).length > 0;
    start(async () => {
      // Set, not merged: what was taken out of the sample stays out.
      const set = { data: value };
      const { deliveries } = await api.emit({
        type,
        ...(isEdited && { set }),
        ...(to.trim() !== "" && { to: to.trim() }),
      });
      return deliveries;
    });
  };
  return (
    <div class="emit-form">
      <h3>
        {type} <Confidence of={confidence} />
      </h3>
      <p class="muted">{description}</p>
      <p class="confidence-note" data-confidence={confidence}>
        {explainConfidence(confidence)}
      </p>
      <EventEditor
        label="Data"
        draft={draft}
        edited={edited}
        to={to}
        usualEndpoint={endpoints.length === 0 ? "http://localhost:3000/api/webhook" : endpoints.join(", ")}
        onTo={setTo}
        action="Emit"
        why={why}
        isBusy={task.state === "busy"}
        onSend={send}
      />
      <TaskResult task={task} busy="Emitting…">
        {(deliveries) => (
          <>
            {deliveries.length === 0 && <p class="muted">No webhook wants this event type.</p>}
            {deliveries.map((delivery) => (
              <DeliveryResult key={delivery.id} delivery={delivery} onOpen={onOpen} />
            ))}
          </>
        )}
      </TaskResult>
    </div>
  );

  function whyNoEmit(): string | undefined {
    if (isReadOnly) return readOnlyReason;
    if (edited.mistake !== undefined) return mendFirst;
    if (endpoints.length === 0 && to.trim() === "") return "Say where to: no webhook is registered.";
    return undefined;
  }
}
