import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { EventSample } from "../../protocol.ts";
import type { ApiError } from "../api-error.ts";
import { readStored, writeStored } from "../browser-storage.ts";
import type { PaneProps } from "../pane-props.ts";
import { Failure } from "../detail/task-result.tsx";
import { EmitForm } from "./emit-form.tsx";
import { EventTypeList } from "./event-type-list.tsx";
import { Modal } from "./modal.tsx";

const lastTypeKey = "kinde-devhook.emit";
const firstType = "user.created";

/** Any event type, emitted from its sample. */
export function EmitDialog({ api, status, isReadOnly, onClose, onOpen }: PaneProps): VNode {
  const [samples, setSamples] = useState<readonly EventSample[]>();
  const [error, setError] = useState<ApiError>();
  const [type, setType] = useState(() => readStored("sessionStorage", lastTypeKey) ?? firstType);
  useEffect(() => {
    let isWanted = true;
    api.samples().then(
      (all) => isWanted && setSamples(all),
      (failed: ApiError) => isWanted && setError(failed),
    );
    return () => {
      isWanted = false;
    };
  }, [api]);
  const choose = (chosen: string): void => {
    writeStored("sessionStorage", lastTypeKey, chosen);
    setType(chosen);
  };
  const sample = samples?.find((each) => each.type === type) ?? samples?.[0];
  return (
    <Modal title="Emit an event" onClose={onClose}>
      {error !== undefined && <Failure error={error} />}
      {samples === undefined && error === undefined && <p class="muted">Loading the event types…</p>}
      {samples !== undefined && sample !== undefined && (
        <div class="emit">
          <EventTypeList samples={samples} chosen={sample.type} onChoose={choose} />
          <EmitForm
            key={sample.type}
            sample={sample}
            api={api}
            status={status}
            isReadOnly={isReadOnly}
            onOpen={onOpen}
          />
        </div>
      )}
    </Modal>
  );
}
