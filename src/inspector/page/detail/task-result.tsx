import type { VNode } from "preact";
import type { Delivery } from "../../../delivery/delivery.ts";
import type { ApiError } from "../api-error.ts";
import { standingOf } from "./delivery-words.ts";
import { formatDuration } from "../times.ts";
import type { Task } from "./use-task.ts";

export interface DeliveryResultProps {
  readonly delivery: Delivery;
  readonly onOpen: (id: string) => void;
}

/** How a delivery that was just made has ended, with the way to it. */
export function DeliveryResult({ delivery, onOpen }: DeliveryResultProps): VNode {
  const { id, endpoint, attempts } = delivery;
  const latest = attempts.at(-1);
  const { tone, words } = standingOf(delivery);
  return (
    <p class="result" data-tone={tone}>
      <strong>{latest?.status ?? latest?.error?.code ?? "Sent"}</strong>
      {latest !== undefined && ` in ${formatDuration(latest.durationMs)}`}. {words}.{" "}
      <span class="mono">{endpoint}</span>{" "}
      <button type="button" class="link-button" onClick={() => onOpen(id)}>
        Open {id.slice(0, 12)}…
      </button>
    </p>
  );
}

export interface TaskResultProps<Result> {
  readonly task: Task<Result>;
  readonly busy: string;
  readonly children: (result: Result) => VNode;
}

/** How a task stands, told to screen readers too. */
export function TaskResult<Result>({ task, busy, children }: TaskResultProps<Result>): VNode {
  return (
    <div role="status" class="task-result">
      {task.state === "busy" && <p class="muted">{busy}</p>}
      {task.state === "failed" && <Failure error={task.error} />}
      {task.state === "done" && children(task.result)}
    </div>
  );
}

export function Failure({ error }: { readonly error: ApiError }): VNode {
  return (
    <p class="result" data-tone="bad">
      {error.message} <code>{error.code}</code>
    </p>
  );
}
