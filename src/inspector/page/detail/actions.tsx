import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { DeliveryDetail, ReplayAnswer, ReplayRequest } from "../../protocol.ts";
import type { Api } from "../api.ts";
import { ReplayEditor } from "../dialogs/replay-editor.tsx";
import { CopyAs } from "./copy-as.tsx";
import { ReplayOptions } from "./replay-options.tsx";
import { DeliveryResult, TaskResult } from "./task-result.tsx";
import { useTask } from "./use-task.ts";
import { whyNoReplay } from "./why-no-replay.ts";

export interface ActionsProps {
  readonly detail: DeliveryDetail;
  readonly api: Api;
  readonly isReadOnly: boolean;
  readonly onOpen: (id: string) => void;
}

type Open = "options" | "editor" | undefined;

/** What can be done with a delivery. */
export function Actions({ detail, api, isReadOnly, onOpen }: ActionsProps): VNode {
  const [open, setOpen] = useState<Open>();
  const [task, start] = useTask<ReplayAnswer>();
  const { id } = detail.delivery;
  const whyNot = whyNoReplay(detail, isReadOnly);
  const whyNoEdit =
    whyNot ?? (detail.claims === null ? "It can't be edited: its body is no token." : undefined);
  const replay = (request: ReplayRequest): void => {
    if (whyNot === undefined) start(() => api.replay(id, request));
  };
  return (
    <section class="actions" aria-label="Actions">
      <div class="button-row">
        <button
          type="button"
          class="primary"
          aria-disabled={whyNot !== undefined || task.state === "busy"}
          aria-describedby="why-no-replay"
          onClick={() => replay({})}
        >
          Replay
        </button>
        <button
          type="button"
          aria-expanded={open === "options"}
          aria-disabled={whyNot !== undefined}
          aria-describedby="why-no-replay"
          onClick={() => whyNot === undefined && setOpen(open === "options" ? undefined : "options")}
        >
          Options
        </button>
        <button
          type="button"
          aria-haspopup="dialog"
          aria-disabled={whyNoEdit !== undefined}
          aria-describedby="why-no-replay"
          onClick={() => whyNoEdit === undefined && setOpen("editor")}
        >
          Edit and replay…
        </button>
      </div>
      <p id="why-no-replay" class="muted" hidden={whyNoEdit === undefined}>
        {whyNoEdit}
      </p>
      {open === "options" && whyNot === undefined && (
        <ReplayOptions endpoint={detail.delivery.endpoint} onReplay={replay} />
      )}
      <TaskResult task={task} busy="Sending…">
        {({ delivery, changes }) => (
          <>
            <DeliveryResult delivery={delivery} onOpen={onOpen} />
            <p class="muted">
              {changes.length === 0
                ? "The same bytes as before."
                : `Signed anew with this project's key: ${changes.join(", ")}.`}
            </p>
          </>
        )}
      </TaskResult>
      <CopyAs detail={detail} api={api} />
      {open === "editor" && (
        <ReplayEditor
          detail={detail}
          api={api}
          whyNot={whyNoEdit}
          onOpen={onOpen}
          onClose={() => setOpen(undefined)}
        />
      )}
    </section>
  );
}
